"""What NetBox calls a model and its ports, as the public devicetype-library has it."""

from __future__ import annotations

from pydantic import Field

from bloomery.catalogue.figure import Entry
from bloomery.catalogue.port_scheme import PortPatterns


class NetboxNames(Entry):
    """Names in NetBox. A device type is found there by manufacturer and slug."""

    manufacturer: str = ""
    """Where NetBox knows the maker by another name than ``maker``."""
    model: str = Field(min_length=1)
    slug: str = Field(pattern=r"^[-a-zA-Z0-9_]+$")
    ports: PortPatterns = PortPatterns()
    """Names of its interfaces; a kind that is left out keeps the plan's name."""


class Made(Entry):
    """Base of what somebody makes; generic models name no maker."""

    maker: str = ""
    """Who makes it, as the maker writes it; empty for a model of any vendor."""
    netbox: NetboxNames | None = None
    """What NetBox calls it; none: made of maker and title."""
