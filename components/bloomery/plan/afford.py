"""A proposal against what the place gives: power, racks, air, water."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bloomery.plan.device_figures import node_figures
from bloomery.plan.draft_elevation import elevation
from bloomery.plan.proposal import Limit, Proposal
from bloomery.site.draft.workload import Workload


def judged(workload: Workload, made: Proposal) -> Proposal:
    """The proposal with its power and heat, held against every limit."""
    machines = (made.training + made.serving) * made.model.peak_kw
    manage = workload.management
    others = manage.count * node_figures(manage).peak_kw if manage else 0.0
    switches = made.switches.power_kw if made.switches else 0.0
    power = machines + others + switches + made.loops.power_kw
    made = replace(
        made,
        power_kw=round(power, 3),
        air_kw=round(power - machines * made.model.liquid_share, 3),
    )
    limits = tuple(_limits(workload, made))
    over = (f"{limit}" for limit in limits if limit.share > 1)
    return replace(
        made, limits=limits, refused=(*made.refused, *_impossible(workload, made), *over)
    )


def _limits(workload: Workload, made: Proposal) -> Iterator[Limit]:
    limits = workload.limits
    kept = f", {limits.reserve_kw:g} kW reserved" if limits.reserve_kw else ""
    given = limits.power_kw - (limits.reserve_kw or 0.0)
    yield Limit(f"power{kept}", made.power_kw, given, "kW")
    kept = f", {limits.reserve_racks} reserved" if limits.reserve_racks else ""
    yield Limit(f"racks{kept}", made.all_racks, limits.racks - limits.reserve_racks, "racks")
    if workload.hall is not None:
        yield Limit("heat to air", made.air_kw, workload.hall.air_kw, "kW")


def _impossible(workload: Workload, made: Proposal) -> Iterator[str]:
    """What no number of racks would help."""
    model, limits = made.model, workload.limits
    whole = model.trays or 1
    if not made.racks.gpu_machines:
        height = elevation(model, whole).height
        yield (
            f"one rack: {whole * model.peak_kw:g} kW and {height} U for {model.key};"
            f" limit {limits.rack_kw:g} kW and {limits.rack_units} U"
        )
    if workload.management and not made.racks.servers:
        yield f"one rack: no {workload.management.model} fits"
    if made.switches and not made.switches.per_rack:
        yield f"one rack: no {workload.network.switch} fits"
    if made.loops.count and not made.loops.cdus and workload.cooling and limits.water_c:
        supply = workload.cooling.loop.supply_c
        yield (
            f"water temperature: {limits.water_c:g} °C leaves no CDU approach to a"
            f" supply of {supply:g} °C"
        )
