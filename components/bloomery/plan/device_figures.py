"""The figures of every model in use: the catalogue's figures under those of the site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bloomery.catalogue import Figure, NodeModel, node_model
from bloomery.catalogue.cdu import cdu_model
from bloomery.catalogue.node import RackScale
from bloomery.catalogue.pdu import pdu_model
from bloomery.catalogue.rack_part import rack_part
from bloomery.catalogue.switch import switch_model
from bloomery.plan.cdu import ordered_cdus
from bloomery.plan.fabric.rack_parts import rack_parts
from bloomery.plan.model import FabricPlan, ModelPlan
from bloomery.site import Site
from bloomery.site.cooling.sheet import Cdus
from bloomery.site.metal.sheet import Pool

TRAY_DIGITS = 6
"""Decimals of a tray's share of its rack, kW: eighteen of them still add up to the watt."""


@dataclass(frozen=True)
class DeviceFigures:
    """Models in use, and who is of which."""

    models: tuple[ModelPlan, ...]
    pools: Mapping[str, ModelPlan]
    switches: Mapping[str, ModelPlan]
    """By the model key of the switch."""
    cdus: Mapping[str, ModelPlan]
    """By the name of the CDU."""
    parts: Mapping[str, ModelPlan]
    """By the model key of the part of a rack-scale rack."""


def plan_models(site: Site, fabric: FabricPlan) -> DeviceFigures:
    """Every model of a node, switch, CDU, PDU and part of a rack of ``site``."""
    pools = _keyed((pool.name, node_figures(pool)) for pool in site.pools)
    keys = {switch.model for switch in fabric.switches}
    switches = _keyed((key, switch_figures(site, key)) for key in keys)
    cdus = _keyed((name, cdu_figures(order)) for _, order, name in ordered_cdus(site))
    circuits = site.power.circuits if site.power else ()
    pdus = _keyed((circuit.pdu, pdu_figures(circuit.pdu)) for circuit in circuits if circuit.pdu)
    parts = {part.model: part_figures(part.model) for part in rack_parts(site)}
    every = {
        figures.key: figures
        for owned in (pools, switches, cdus, pdus, parts)
        for figures in owned.values()
    }
    models = tuple(every[key] for key in sorted(every))
    return DeviceFigures(models, pools, switches, cdus, parts)


def _keyed(owned: Iterable[tuple[str, ModelPlan]]) -> dict[str, ModelPlan]:
    """Owner -> figures; those that differ under one key get the owner's name behind it."""
    taken: dict[str, ModelPlan] = {}
    found: dict[str, ModelPlan] = {}
    for owner, figures in sorted(owned, key=lambda it: it[0]):
        if taken.setdefault(figures.key, figures) == figures:
            found[owner] = taken[figures.key]
        else:
            found[owner] = replace(figures, key=f"{figures.key}@{owner}")
    return found


def node_figures(pool: Pool) -> ModelPlan:
    """The figures of the machines of ``pool``. A rack-scale model's are those of one tray."""
    model = node_model(pool.model)
    rack = model.rack
    trays = int(rack.trays.value) if rack else 0
    power = _or(pool.power_kw, _share(rack.power_kw, trays) if rack else _value(model.power_kw))
    peak = _or(pool.peak_kw, _peak(model, pool, power, trays))
    gpus = int(_value(model.gpus))
    return ModelPlan(
        key=model.key,
        title=model.title,
        kind="node",
        height=int(_or(pool.height_u, _value(model.height_u))),
        power_kw=power,
        peak_kw=max(power, peak),
        liquid_share=_or(pool.liquid_share, _value(model.liquid_share)),
        weight_kg=_or(pool.weight_kg, _value(model.weight_kg)),
        gpus=gpus,
        gpu_memory_gb=_value(model.gpu_memory_gb),
        mig_slices=gpus * int(_value(model.mig_per_gpu)),
        psus=int(_or(pool.psus, _value(model.psus))),
        psus_needed=int(_or(pool.psus_needed, _value(model.psus_needed))),
        psu_kw=_or(pool.psu_kw, _value(model.psu_kw)),
        trays=trays,
        shelves=int(_or(pool.shelves, _value(rack.shelves if rack else None))),
        shelf_kw=_or(pool.shelf_kw, _value(rack.shelf_kw if rack else None)),
        nvlink_trays=int(_value(rack.nvlink_trays if rack else None)),
        sources=_sources(model, pool),
    )


def _peak(model: NodeModel, pool: Pool, power: float, trays: int) -> float:
    """Peak by the catalogue; a pool that gives its own power is a build it says nothing of."""
    if pool.power_kw is not None:
        return power
    if model.rack is not None:
        return _share(model.rack.peak_kw, trays)
    return _value(model.peak_kw)


def _share(whole: Figure | None, trays: int) -> float:
    return round(_value(whole) / trays, TRAY_DIGITS)


def switch_figures(site: Site, key: str) -> ModelPlan:
    """The figures of a switch. Power is 0 where neither source nor site gives one: P1 says so."""
    model = switch_model(key)
    own = site.fabric.switches.get(key) if site.fabric else None
    power = _or(own.power_kw if own else None, _value(model.power_kw))
    return ModelPlan(
        key=key,
        title=model.title,
        kind="switch",
        height=int(_or(own.height_u if own else None, _value(model.height_u))),
        power_kw=power,
        peak_kw=power,
        liquid_share=0.0,
        weight_kg=_or(own.weight_kg if own else None, _value(model.weight_kg)),
        sources=_cited(model.height_u, model.power_kw, model.weight_kg),
    )


def cdu_figures(order: Cdus) -> ModelPlan:
    """The figures of the CDUs of one order."""
    model = cdu_model(order.model)
    power = _or(order.power_kw, _value(model.power_kw))
    return ModelPlan(
        key=order.model,
        title=model.title,
        kind="cdu",
        height=int(_or(order.height_u, _value(model.height_u))),
        power_kw=power,
        peak_kw=power,
        liquid_share=0.0,
        weight_kg=_or(order.weight_kg, _value(model.weight_kg)),
        sources=_cited(model.height_u, model.power_kw, model.weight_kg),
    )


def pdu_figures(key: str) -> ModelPlan:
    """The figures of a PDU: it stands upright beside the units, and its own draw is nothing."""
    model = pdu_model(key)
    return ModelPlan(
        key=key,
        title=model.title,
        kind="pdu",
        height=0,
        power_kw=0.0,
        peak_kw=0.0,
        liquid_share=0.0,
        weight_kg=_value(model.weight_kg),
        sources=_cited(model.volts, model.amps, model.continuous),
    )


def part_figures(key: str) -> ModelPlan:
    """The figures of a part of a rack-scale rack: its units alone. The shares of the compute trays
    contain what it draws, gives off and weighs."""
    part = rack_part(key)
    return ModelPlan(
        key=key,
        title=part.title,
        kind=part.kind,
        height=int(part.height_u.value),
        power_kw=0.0,
        peak_kw=0.0,
        liquid_share=0.0,
        sources=_cited(part.height_u),
    )


def _or(own: float | None, known: float) -> float:
    return known if own is None else own


def _value(figure: Figure | None) -> float:
    return figure.value if figure else 0.0


def _sources(model: NodeModel, pool: Pool) -> tuple[str, ...]:
    """Where the figures come from: the catalogue's documents, and the site where it spoke."""
    figures = [
        value for key, value in model if isinstance(value, Figure) and key not in OF_A_NETWORK
    ]
    if isinstance(model.rack, RackScale):
        figures += [value for _, value in model.rack if isinstance(value, Figure)]
    own = sorted(key for key in OWN if getattr(pool, key) is not None)
    return (*(f"site.yaml: {key} of its pool" for key in own), *_cited(*figures))


OF_A_NETWORK = ("compute_per_cage",)
"""Figures of the catalogue that are told by a network, not by the machine."""

OWN = (
    "power_kw",
    "peak_kw",
    "height_u",
    "weight_kg",
    "liquid_share",
    "psus",
    "psus_needed",
    "psu_kw",
    "shelves",
    "shelf_kw",
)
"""Keys of a pool that are figures of its machines."""


def _cited(*figures: Figure | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(figure.source for figure in figures if figure is not None))
