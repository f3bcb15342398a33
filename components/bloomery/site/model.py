"""``site.yaml`` as frozen models: sizes and choices, never derived values.

A key that is written here is a key of the file; unknown keys are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from bloomery.names import plain_number
from bloomery.site.cluster.sheet import Cluster, Cost, Project
from bloomery.site.cooling.sheet import CoolingSheet
from bloomery.site.fabric.sheet import FabricSheet
from bloomery.site.facility.network import Depot, Networks
from bloomery.site.facility.power import PowerSheet
from bloomery.site.metal.machine import Machine
from bloomery.site.metal.numbers import Declared, numbered
from bloomery.site.metal.sheet import Hall, Pool, Racks
from bloomery.site.national.sovereignty import Sovereignty
from bloomery.site.reading.fault_texts import refuse
from bloomery.site.storage.sheet import StorageSheet
from bloomery.site.types.part import Part
from bloomery.site.types.text_types import Country, Location, Name, ReleaseName
from bloomery.site.types.whole_number import Count


class Trust(Part):
    """Key derivation and BMC credentials."""

    key_epoch: Count = 1
    """Which derivation of the keys is wanted. Raising it never reinstalls anything."""
    bmc_credentials: Literal["derived", "factory"] = "derived"
    """``derived`` from the site secret, or left as delivered (not allowed by policy)."""


class Policy(Part):
    """Limits set by law or contract."""

    allowed_locations: tuple[Location, ...] = ()


class SiteSheet(Part):
    """All of ``site.yaml``."""

    name: Name = Field(alias="site", examples=["kyiv"])
    country: Country = Field(examples=["UA"])
    location: Location = Field(examples=["UA-kyiv"])
    lab: bool = False
    """Whether machines are virtual."""
    release: ReleaseName = Field(examples=["metal-2026.11"])
    networks: Networks
    depot: Depot
    halls: tuple[Hall, ...] = ()
    """Left out: one room, air cooling not checked."""
    racks: Racks
    power: PowerSheet | None = None
    """Left out: racks are checked against ``power_kw`` only."""
    pools: tuple[Pool, ...] = Field(min_length=1)
    trust: Trust = Trust()
    install_generation: Count = 1
    """Which installation of every machine is wanted. Raising it wipes; see ``reinstall``."""
    reinstall: Mapping[str, Count] = Field(default_factory=dict)
    """Node -> install generation, for one machine at a time."""
    policy: Policy = Policy()
    on_delete: Literal["release", "power-off", "wipe"] = "release"
    """What leaving the stack means for a machine; ``release`` leaves it running."""
    protect: bool = True
    """Whether live nodes are protected in the stack."""
    cluster: Cluster | None = None
    """Left out: machines are brought up and nothing runs on them."""
    cooling: CoolingSheet | None = None
    """Left out: everything is cooled by air."""
    fabric: FabricSheet | None = None
    """Left out: the site has no fabric of its own."""
    storage: StorageSheet | None = None
    projects: tuple[Project, ...] = ()
    cost: Cost | None = None
    sovereignty: Sovereignty = Sovereignty()

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        declared = (Declared((rack.name,), rack.number) for rack in self.racks)
        return {one.name: one.number for one in numbered(declared)}

    def rack_number(self, name: str) -> int:
        """The number of rack ``name``. Of one that is not declared, which a rule reports, that of
        its plain name, or 0."""
        found = self._numbers.get(name)
        return (plain_number(name) or 0) if found is None else found

    @field_validator("location")
    @classmethod
    def _in_country(cls, location: str, info: ValidationInfo) -> str:
        country = info.data.get("country")
        if country and not location.startswith(f"{country}-"):
            raise refuse(f"{location!r} is not in country {country}", f"{country}-place")
        return location


class Site(SiteSheet):
    """A site: ``site.yaml`` and the rows of ``machines.csv``."""

    machines: tuple[Machine, ...]
