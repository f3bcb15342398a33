"""All figures of a switch: those of the catalogue, and over them the site's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bloomery.catalogue import FabricKind, switch_model
from bloomery.catalogue.figure import Figure
from bloomery.site.fabric.sheet import FabricSheet, SwitchFigures

NEEDED = ("height_u", "power_kw")
"""Figures without which no switch can be planned; ports depend on what it is used for."""


@dataclass(frozen=True)
class FullSwitchFigures:
    """Figures of one switch model as this site buys it; 0 where nobody gives one."""

    key: str
    title: str
    kind: FabricKind
    height_u: int
    cages: int
    per_cage: Mapping[float, int]
    """Speed of a logical port, Gb/s -> ports of that speed in one cage."""
    access_ports: int
    access_gbps: float
    power_kw: float
    weight_kg: float
    sources: tuple[str, ...]


def full_switch_figures(sheet: FabricSheet, key: str) -> FullSwitchFigures:
    """The switch ``key`` of the catalogue with the site's own figures over it."""
    model = switch_model(key)
    own = sheet.switches.get(key, SwitchFigures())
    modes: dict[float, int] = {
        mode.speed_gbps.value: int(mode.per_cage.value) for mode in model.modes
    }
    modes |= {float(speed): ports for speed, ports in own.per_cage.items()}
    return FullSwitchFigures(
        key=key,
        title=model.title,
        kind=model.kind,
        height_u=int(_either(own.height_u, model.height_u)),
        cages=int(_either(own.cages, model.cages)),
        per_cage=modes,
        access_ports=int(_either(own.access_ports, model.access_ports)),
        access_gbps=_either(own.access_gbps, model.access_gbps),
        power_kw=_either(own.power_kw, model.power_kw),
        weight_kg=_either(own.weight_kg, model.weight_kg),
        sources=_sources(sheet, key),
    )


def _either(own: float | None, figure: Figure | None) -> float:
    if own is not None:
        return own
    return figure.value if figure else 0


def _sources(sheet: FabricSheet, key: str) -> tuple[str, ...]:
    model = switch_model(key)
    figures = (model.height_u, model.cages, model.power_kw, model.weight_kg)
    own = (f"site.yaml, fabric.switches.{key}",) if key in sheet.switches else ()
    return (*dict.fromkeys(figure.source for figure in figures if figure), *own)
