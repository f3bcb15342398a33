"""What NetBox calls a model and its ports, as the public devicetype-library has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from bloomery.catalogue.figure import Entry

PortKind = Literal["cage", "sub", "access", "mgmt"]
"""A whole cage, a part of one, a twisted-pair port, the management port."""

PORT = re.compile(r"p(\d+)(?:/(\d+))?")
"""A port of a switch as plans name it: ``p07`` or ``p07/2`` (cage / sub-port)."""


class NetboxNames(Entry):
    """Names in NetBox. A device type is found there by manufacturer and slug."""

    manufacturer: str = ""
    """Where NetBox knows the maker by another name than ``maker``."""
    model: str = Field(min_length=1)
    slug: str = Field(pattern=r"^[-a-zA-Z0-9_]+$")
    ports: Mapping[PortKind, str] = Field(default_factory=dict)
    """Names of its interfaces, with ``{cage}`` and ``{sub}`` counted from 1 and ``{cage0}`` and
    ``{sub0}`` from 0; a kind that is left out keeps the plan's name."""

    def port(self, name: str, *, access: bool) -> str:
        """NetBox's name of a port that the plan calls ``name``; ``access``: out of band."""
        if name == "mgmt":
            return self.ports.get("mgmt", name)
        found = PORT.fullmatch(name)
        if found is None:
            return name
        cage, sub = int(found[1]), int(found[2] or 1)
        kind: PortKind = "sub" if found[2] else "access" if access else "cage"
        pattern = self.ports.get(kind, name)
        return pattern.format(cage=cage, sub=sub, cage0=cage - 1, sub0=sub - 1)


class Made(Entry):
    """Base of what somebody makes; generic models name no maker."""

    maker: str = ""
    """Who makes it, as the maker writes it; empty for a model of any vendor."""
    netbox: NetboxNames | None = None
    """What NetBox calls it; none: made of maker and title."""
