"""Networks, switches, cables and numbers: what ``plan_fabric`` makes of a site's fabric.

One file a concern: ``shape`` (sizes and places), ``numbers`` (addresses and ASNs by fixed
stride), ``switches``, ``wiring`` (which port goes where), ``run`` (length, medium, label
of a cable), ``oob``, ``tenants``.

What must not live here: configuration text of a switch, files for people, rules.
"""

from __future__ import annotations

from bloomery.plan.fabric.plan import plan_fabric

__all__ = ["plan_fabric"]
