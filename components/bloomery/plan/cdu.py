"""The CDUs of a site: what was ordered, with the figures of the catalogue where it names none."""

from __future__ import annotations

from collections.abc import Iterator

from bloomery.catalogue import Figure
from bloomery.catalogue.cdu import CduModel, cdu_model
from bloomery.plan.coolant import capacity_at_approach
from bloomery.plan.model import CduPlan
from bloomery.site import Site
from bloomery.site.cooling.sheet import Cdus, Loop


def ordered_cdus(site: Site) -> Iterator[tuple[Loop, Cdus, str]]:
    """Loop, order and name of every CDU, by name."""
    loops = site.cooling.loops if site.cooling else ()
    found = [
        (loop, order, name)
        for loop in loops
        for order in loop.cdus
        for name in order.called(loop.name)
    ]
    yield from sorted(found, key=lambda it: it[2])


def plan_cdu(loop: Loop, order: Cdus, name: str, coldest_c: float) -> CduPlan:
    """One CDU of ``loop``; ``coldest_c`` is the facility water or air it gives heat to."""
    model = cdu_model(order.model)
    rated = _figure(order.capacity_kw, model.capacity_kw)
    approach = _figure(order.approach_k, model.approach_k)
    there = capacity_at_approach(rated, approach, loop.supply_c - coldest_c)
    pumps, needed = pumps_of(order, model)
    return CduPlan(
        name=name,
        model=order.model,
        loop=loop.name,
        capacity_kw=round(there, 3),
        flow_limit_lpm=_figure(order.flow_lpm, model.flow_lpm),
        head_kpa=_figure(order.head_kpa, model.head_kpa),
        pumps=pumps,
        pumps_needed=needed,
        power_kw=_figure(order.power_kw, model.power_kw),
        feeds=tuple(sorted(order.feeds)),
        rack=order.rack or "",
        unit=order.unit or 0,
        rated_kw=rated,
        approach_k=approach,
        exchanger=model.exchanger,
    )


def pumps_of(order: Cdus, model: CduModel) -> tuple[int, int]:
    """Pumps of one CDU, and how many of them must work."""
    pumps = _figure(order.pumps, model.pumps)
    return int(pumps), int(_figure(order.pumps_needed, model.pumps_needed))


def _figure(own: float | None, known: Figure | None) -> float:
    """The site's own figure over the catalogue's. Loading has seen to it that there is one."""
    if own is not None:
        return own
    if known is None:
        raise ValueError("a figure is given neither by the site nor by the catalogue")
    return known.value
