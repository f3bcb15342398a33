"""The input of a site: ``site.yaml`` and ``machines.csv``, read into frozen models.

``find_site`` turns a name into a directory, ``load`` turns a directory into a ``Site`` or
raises ``FaultsError`` with every fault of both files at once. ``reading`` and ``types`` know no
noun; then comes a folder a noun, ``facility`` for what the place gives, ``national`` for what
the nation asks; ``draft`` makes sites from something else.

What must not live here: derived values (``plan``), rules about the plan as a whole
(``check``), anything that talks to a device.
"""

from __future__ import annotations

from bloomery.site.load import MACHINES_FILE, SITE_FILE, load
from bloomery.site.metal.machine import Machine
from bloomery.site.model import Site
from bloomery.site.site_path import ENV_INVENTORIES, find_site

__all__ = [
    "ENV_INVENTORIES",
    "MACHINES_FILE",
    "SITE_FILE",
    "Machine",
    "Site",
    "find_site",
    "load",
]
