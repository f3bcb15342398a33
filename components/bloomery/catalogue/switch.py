"""Switch models: ports, cages, height and power of one box."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import Field, model_validator

from bloomery.catalogue.figure import Entry, Figure, read_folder
from bloomery.catalogue.netbox import Made
from bloomery.catalogue.port_scheme import Front, PortPatterns, PortScheme, naming

FabricKind = Literal["infiniband", "ethernet"]
"""What a network speaks."""


class PortMode(Entry):
    """One way to run the cages."""

    speed_gbps: Figure
    """Speed of one logical port, Gb/s."""
    per_cage: Figure
    """Logical ports of that speed in one cage."""


class SwitchModel(Made):
    """One model of switch. What no source gives is left out; a site that buys it says it."""

    key: str
    """Name a site orders it by, for example ``qm9700``."""
    title: str
    """Full product name."""
    kind: FabricKind
    height_u: Figure | None = None
    """Rack units it occupies."""
    cages: Figure | None = None
    """Cages for fast ports."""
    modes: tuple[PortMode, ...] = Field(default=())
    """Speeds its cages can run at."""
    access_ports: Figure | None = None
    """Twisted-pair ports, for networks out of band."""
    access_gbps: Figure | None = None
    """Speed of one of them, Gb/s."""
    power_kw: Figure | None = None
    """Most it draws over time with its cables, kW."""
    typical_kw: Figure | None = None
    """What it typically draws with passive cables, kW. No limit is computed from it."""
    weight_kg: Figure | None = None
    """Weight, kg."""
    os: str = ""
    """System that it runs where a site does not say; empty where no system is known."""
    systems: Mapping[str, PortScheme] = Field(default_factory=dict)
    """System that runs on it -> how that one calls its ports."""

    def fronts(self) -> tuple[Front, ...]:
        """Its front in every mode."""
        access, cages = (int(it.value) if it else 0 for it in (self.access_ports, self.cages))
        splits = sorted({int(mode.per_cage.value) for mode in self.modes})
        return tuple(Front(access, cages, split) for split in splits)

    @model_validator(mode="after")
    def _named(self) -> SwitchModel:
        if self.os not in self.systems and (self.os or self.systems):
            raise ValueError(f"{self.key}: os {self.os!r} is none of its systems")
        faults = [text for name, it in self.systems.items() for text in self._clashes(name, it)]
        if self.netbox:
            faults += self._clashes("netbox", self.netbox.ports)
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _clashes(self, system: str, patterns: PortPatterns) -> list[str]:
        """Ports that have no name in ``system`` in one of the modes, or share one."""
        found = []
        for front in self.fronts():
            where = f"{self.key}, {system}, {front.per_cage} a cage"
            try:
                made = naming(patterns, front)
            except ValueError as error:
                found.append(f"{where}: {error}")
                continue
            if isinstance(patterns, PortScheme) and made.unnamed:
                count = len(made.unnamed)
                found.append(f"{where}: {count} ports without a name, first {made.unnamed[0]}")
        return found


@cache
def switch_models() -> Mapping[str, SwitchModel]:
    """All switch models by key, sorted. Raises pydantic.ValidationError on bad data."""
    return {key: SwitchModel.model_validate(data) for key, data in read_folder("switches").items()}


def switch_model(key: str) -> SwitchModel:
    """The switch model ``key``; KeyError where the catalogue has none."""
    return switch_models()[key]
