"""Machines and racks: who stands where, and what a rack draws, weighs and gives off."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from rederive.elevation import parts
from rederive.ledger import ROUNDING, Ledger
from rederive.reading import (
    Files,
    Tree,
    catalogue,
    exact,
    figure,
    names,
    own_or,
    plain_number,
    rack_numbers,
    racks,
    share,
)

CSV_COLUMNS = (
    *("name", "pool", "rack", "unit", "bmc_mac", "bmc_address", "bmc_cert_sha256"),
    *("chassis_serial", "system_uuid"),
)
"""Columns that have a meaning; all others are kept as they are."""


@dataclass(frozen=True)
class Body:
    """What one piece of equipment takes from its rack."""

    height: int
    power_kw: Fraction
    peak_kw: Fraction
    liquid: Fraction
    weight_kg: Fraction
    supplies: int = 0
    tray: bool = False


@dataclass(frozen=True)
class Thing:
    """One piece of equipment at its place."""

    name: str
    kind: str
    rack: str
    unit: int
    body: Body


def machine_body(pool: Tree) -> Body:
    model = catalogue("nodes")[str(pool["model"])]
    whole = model.get("rack")
    if isinstance(whole, Mapping):
        trays = figure(whole, "trays")
        power, peak = figure(whole, "power_kw") / trays, figure(whole, "peak_kw") / trays
    else:
        power, peak = figure(model, "power_kw"), figure(model, "peak_kw")
    if "power_kw" in pool:
        power = peak = exact(pool["power_kw"])
    if "peak_kw" in pool:
        peak = exact(pool["peak_kw"])
    liquid = (
        share(pool["liquid_share"]) if "liquid_share" in pool else figure(model, "liquid_share")
    )
    return Body(
        height=int(own_or(pool, model, "height_u")),
        power_kw=power,
        peak_kw=max(power, peak),
        liquid=liquid,
        weight_kg=own_or(pool, model, "weight_kg"),
        supplies=int(own_or(pool, model, "psus")),
        tray=isinstance(whole, Mapping),
    )


def plain_body(own: Tree, model: Tree) -> Body:
    """The body of a switch or a CDU."""
    power = own_or(own, model, "power_kw")
    height, weight = int(own_or(own, model, "height_u")), own_or(own, model, "weight_kg")
    return Body(height, power, power, Fraction(0), weight)


@dataclass(frozen=True)
class Cdu:
    """One CDU of an order."""

    name: str
    loop: Tree
    order: Tree
    model: Tree


def cdus(sheet: Tree) -> Iterator[Cdu]:
    cooling = sheet.get("cooling", {})
    for loop in cooling.get("loops", ()):
        for order in loop["cdus"]:
            count = int(order.get("count", 1))
            made = [f"{loop['name']}-cdu-{number + 1}" for number in range(count)]
            for name in order.get("names") or made:
                yield Cdu(name, loop, order, catalogue("cdus")[order["model"]])


def equipment(files: Files, plan: Tree) -> dict[str, list[Thing]]:
    """Rack -> what stands in it. Where switches stand is the fabric's part to prove."""
    sheet, found = files.sheet, defaultdict(list)
    bodies = {pool["name"]: machine_body(pool) for pool in sheet["pools"]}
    for row in files.machines:
        thing = Thing(row["name"], "node", row["rack"], int(row["unit"]), bodies[row["pool"]])
        found[thing.rack].append(thing)
    own = sheet.get("fabric", {}).get("switches", {})
    for switch in plan["fabric"]["switches"]:
        body = plain_body(own.get(switch["model"], {}), catalogue("switches")[switch["model"]])
        if switch["rack"]:
            thing = Thing(switch["name"], "switch", switch["rack"], switch["unit"], body)
            found[thing.rack].append(thing)
    for part in parts(files):
        # The trays' shares of the rack have its power and weight already.
        height = int(figure(part.model, "height_u"))
        body = Body(height, Fraction(0), Fraction(0), Fraction(0), Fraction(0))
        found[part.rack].append(Thing(part.name, part.model["kind"], part.rack, part.unit, body))
    for cdu in cdus(sheet):
        if "rack" in cdu.order:
            body = plain_body(cdu.order, cdu.model)
            unit = int(cdu.order.get("unit", 0))
            found[cdu.order["rack"]].append(Thing(cdu.name, "cdu", cdu.order["rack"], unit, body))
    return found


def compare_machines(files: Files, plan: Tree, ledger: Ledger) -> None:
    """Every row of the delivery list is one machine, at its place and with its addresses."""
    sheet = files.sheet
    pools = {pool["name"]: pool for pool in sheet["pools"]}
    network = ipaddress.IPv4Network(sheet["networks"]["provisioning"]["cidr"])
    planned = ledger.named("nodes", plan["metal"]["nodes"], (it["name"] for it in files.machines))
    numbers = rack_numbers(sheet)
    for row in files.machines:
        node = planned.get(row["name"])
        if node is None:
            continue
        body, where = machine_body(pools[row["pool"]]), f"node {row['name']}"
        unit = int(row["unit"])
        ledger.fields(
            where,
            node,
            pool=row["pool"],
            model=pools[row["pool"]]["model"],
            rack=row["rack"],
            unit=unit,
            height=body.height,
            power_kw=body.power_kw,
        )
        host, identity = node["host"], node["identity"]
        # 256 addresses a rack number, so that a rack that comes moves nobody.
        stride = 256 * numbers[row["rack"]]
        ledger.same(f"{where}.address", host["address"], str(network[0] + stride + unit))
        known = {"number", *CSV_COLUMNS}
        kept = {key: text for key, text in row.items() if key not in known and text}
        ledger.same(f"{where}.further", node.get("further", {}), kept)
        ledger.same(f"{where}.prefix", host["prefix"], network.prefixlen)
        told = {"bmc_mac": row["bmc_mac"].lower().replace("-", ":")}
        told |= {"chassis_serial": row["chassis_serial"], "system_uuid": row["system_uuid"].lower()}
        ledger.fields(where, identity, **told)
        ledger.same(f"{where}.bmc", node["bmc"]["address"], row["bmc_address"])
    for key in ("address", "mac"):
        ledger.once(f"host {key}", (node["host"][key] for node in planned.values()))


def compare_racks(files: Files, plan: Tree, ledger: Ledger) -> None:
    """Contents and sums of every rack and hall."""
    inside, written = equipment(files, plan), racks(files.sheet)
    halls = files.sheet.get("halls", [])
    only = halls[0]["name"] if len(halls) == 1 else ""
    planned = ledger.named("racks", plan["metal"]["racks"], written)
    numbers = rack_numbers(files.sheet)
    air: dict[str, Fraction] = defaultdict(Fraction)
    warm = _air_cooled(files.sheet)
    for name, rack in planned.items():
        things = inside.get(name, [])
        fed = [it.body for it in things if it.kind != "cdu"]
        peak = sum((it.peak_kw for it in fed), Fraction(0))
        liquid = sum((it.peak_kw * it.liquid for it in fed), Fraction(0))
        entry, hall = written[name].entry, str(written[name].entry.get("hall", only))
        air[hall] += peak if name in warm else peak - liquid
        ledger.fields(
            f"rack {name}",
            rack,
            units=int(str(entry["units"])),
            hall=hall,
            row=written[name].row,
            place=written[name].place,
            power_limit_kw=exact(entry["power_kw"]),
            power_kw=sum((it.power_kw for it in fed), Fraction(0)),
            peak_kw=peak,
            liquid_kw=liquid,
            air_kw=peak - liquid,
            weight_kg=sum((it.body.weight_kg for it in things), Fraction(0)),
            weight_limit_kg=exact(entry.get("weight_limit_kg", "0")),
            nodes=sorted(it.name for it in things if it.kind == "node"),
        )
        # Written only where it is not the number of a plain name.
        own = plain_number(name) == numbers[name]
        ledger.same(f"rack {name}.number", rack.get("number", 0), 0 if own else numbers[name])
        ledger.same(
            f"rack {name}.items",
            sorted((it["name"], it["kind"], it["unit"], it["height"]) for it in rack["items"]),
            sorted((it.name, it.kind, it.unit, it.body.height) for it in things),
        )
    found = ledger.named("halls", plan["metal"]["halls"], (it["name"] for it in halls))
    for entry in halls:
        hall = found.get(entry["name"])
        if hall is not None:
            where, room = f"hall {entry['name']}", ROUNDING * (1 + len(hall["racks"]))
            ledger.near(f"{where}.air_kw", hall["air_kw"], air[entry["name"]], room)
            ledger.near(f"{where}.air_limit_kw", hall["air_limit_kw"], exact(entry["air_kw"]))
            mine = [
                name for name, it in written.items() if it.entry.get("hall", only) == entry["name"]
            ]
            ledger.same(f"{where}.racks", sorted(hall["racks"]), sorted(mine))


def _air_cooled(sheet: Tree) -> set[str]:
    """Racks whose coolant ends in the air of the hall."""
    cooling = sheet.get("cooling", {})
    found: set[str] = set()
    for loop in cooling.get("loops", ()):
        kinds = {catalogue("cdus")[order["model"]]["exchanger"] for order in loop["cdus"]}
        if kinds == {"air"}:
            found.update(names(loop["racks"]))
    return found
