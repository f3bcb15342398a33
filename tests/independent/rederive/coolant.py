"""Loops and CDUs: what flows where, from heat, coolant and temperatures alone."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

from rederive.ledger import ROUNDING, Ledger
from rederive.metal import Cdu, Thing, cdus, equipment
from rederive.reading import Files, Tree, catalogue, exact, names, own_or, racks

RETURN_C = Fraction(55)
"""Return of a loop that names none, °C."""


def at_mean(points: Mapping[str, str], celsius: Fraction) -> Fraction:
    """A figure of a coolant between the two points around ``celsius``."""
    known = sorted((Fraction(key), Fraction(value)) for key, value in points.items())
    for (low, low_value), (high, high_value) in pairwise(known):
        if low <= celsius <= high:
            return low_value + (high_value - low_value) * (celsius - low) / (high - low)
    raise ValueError(f"nothing is known at {float(celsius)} °C")


def compare_coolant(files: Files, plan: Tree, ledger: Ledger) -> None:
    """Every loop, the flow of each of its racks, and every CDU."""
    loops = files.sheet.get("cooling", {}).get("loops", ())
    found = ledger.named("loops", plan["cooling"]["loops"], (it["name"] for it in loops))
    made = list(cdus(files.sheet))
    planned = ledger.named("CDUs", plan["cooling"]["cdus"], (it.name for it in made))
    for cdu in made:
        if cdu.name in planned:
            _cdu(files, cdu, planned[cdu.name], ledger)
    for loop in loops:
        if loop["name"] in found:
            ordered = sorted(it.name for it in made if it.loop is loop)
            ledger.same(f"loop {loop['name']}.cdus", found[loop["name"]]["cdus"], ordered)
            _loop(files, plan, loop, found[loop["name"]], ledger)


def cold_c(files: Files, loop: Tree) -> Fraction:
    """Warmest water, or hall air, that the loop gives its heat to."""
    exchangers = {catalogue("cdus")[it["model"]]["exchanger"] for it in loop["cdus"]}
    if exchangers == {"air"}:
        halls = files.sheet.get("halls", [])
        written = racks(files.sheet)
        only = halls[0]["name"] if len(halls) == 1 else ""
        mine = {written[name].entry.get("hall", only) for name in names(loop["racks"])}
        return max(exact(it["temperature_max_c"]) for it in halls if it["name"] in mine)
    waters = files.sheet["cooling"]["facility_water"]
    named = [it for it in waters if it["name"] == loop.get("facility_water", it["name"])]
    return exact(named[0]["supply_max_c"])


def _cdu(files: Files, cdu: Cdu, planned: Tree, ledger: Ledger) -> None:
    def of(key: str) -> Fraction:
        return own_or(cdu.order, cdu.model, key)

    there = exact(cdu.loop["supply_c"]) - cold_c(files, cdu.loop)
    part = min(max(there, Fraction(0)) / of("approach_k"), Fraction(1))
    ledger.fields(
        f"CDU {cdu.name}",
        planned,
        loop=cdu.loop["name"],
        model=cdu.order["model"],
        rated_kw=of("capacity_kw"),
        approach_k=of("approach_k"),
        capacity_kw=of("capacity_kw") * part,
        flow_limit_lpm=of("flow_lpm"),
        head_kpa=of("head_kpa"),
        power_kw=of("power_kw"),
        pumps=int(of("pumps")),
        pumps_needed=int(of("pumps_needed")),
        feeds=sorted(cdu.order["feeds"]),
        rack=cdu.order.get("rack", ""),
        unit=int(cdu.order.get("unit", 0)),
        exchanger=cdu.model["exchanger"],
    )


def _loop(files: Files, plan: Tree, loop: Tree, planned: Tree, ledger: Ledger) -> None:
    supply = exact(loop["supply_c"])
    back = exact(loop.get("return_c", loop.get("return_limit_c", RETURN_C)))
    sheet = catalogue("fluids")[loop["fluid"]]
    mean = (supply + back) / 2
    density = exact(loop["density_kg_l"]) if "density_kg_l" in loop else None
    heat = exact(loop["heat_capacity_kj_kgk"]) if "heat_capacity_kj_kgk" in loop else None
    density = density or at_mean(sheet["density_kg_l"]["points"], mean)
    heat = heat or at_mean(sheet["heat_capacity_kj_kgk"]["points"], mean)
    inside, mine = equipment(files, plan), names(loop["racks"])
    heats = {name: _liquid(inside.get(name, [])) for name in mine}
    # One litre a minute carries density x heat capacity / 60 kilowatts a kelvin.
    litres = {name: 60 * kw / (density * heat * (back - supply)) for name, kw in heats.items()}
    where = f"loop {loop['name']}"
    total = sum(heats.values(), Fraction(0))
    ledger.near(f"{where}.heat_kw", planned["heat_kw"], total, ROUNDING * (1 + len(mine)))
    ledger.fields(
        where,
        planned,
        fluid=loop["fluid"],
        supply_c=supply,
        return_c=back,
        volume_l=exact(loop["volume_l"]),
        facility_supply_c=cold_c(files, loop),
    )
    ledger.near(f"{where}.density", planned["density_kg_l"], density)
    ledger.near(f"{where}.heat capacity", planned["heat_capacity_kj_kgk"], heat)
    # Heat is rounded to the watt and coolant figures to five decimals before the plan divides.
    watt = ROUNDING * 60 / float(density * heat * (back - supply))
    flow = float(sum(litres.values(), Fraction(0)))
    each = ROUNDING + watt + 2e-5 * flow
    ledger.near(f"{where}.flow_lpm", planned["flow_lpm"], flow, each * (1 + len(mine)))
    ledger.once(f"{where}.racks", (it["rack"] for it in planned["racks"]))
    ledger.same(f"{where}.racks", sorted(it["rack"] for it in planned["racks"]), sorted(mine))
    for found in planned["racks"]:
        name = found["rack"]
        if name in heats:
            here = f"{where} {name}"
            ledger.near(f"{here}.heat_kw", found["heat_kw"], heats[name])
            within = ROUNDING + watt + 2e-5 * float(litres[name])
            ledger.near(f"{here}.flow_lpm", found["flow_lpm"], litres[name], within)
            ledger.near(f"{here}.return_c", found["return_c"], back if heats[name] else supply)


def _liquid(things: list[Thing]) -> Fraction:
    fed = (it.body for it in things if it.kind != "cdu")
    return sum((it.peak_kw * it.liquid for it in fed), Fraction(0))
