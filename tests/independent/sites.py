"""Random sites, written as the two files a person would write.

Sizes are small and shapes are many: switches of 4 to 32 ports make three-tier trees of a
dozen machines. What is drawn is sound by itself, so that every one of them loads.
"""

from __future__ import annotations

import csv
import io
import uuid
from pathlib import Path
from random import Random

import yaml
from elevations import say_elevations
from hall_names import say_names
from homes import say_homes
from site_draft import Draft

COLUMNS = [
    "name",
    "pool",
    "rack",
    "unit",
    "bmc_mac",
    "bmc_address",
    "bmc_cert_sha256",
    "chassis_serial",
    "system_uuid",
]

MODELS = ("dgx-h100", "dgx-h200", "dgx-b200", "gb200-nvl72", "gb300-nvl72", "cpu-node", "hgx-b200")

ASKED = {"cpu-node": ("power_kw", "height_u"), "hgx-b200": ("power_kw", "height_u", "liquid_share")}
"""Figures a pool of such machines must give."""

UNITS = 48


def write_site(folder: Path, seed: int) -> Path:
    """The site that ``seed`` stands for, in ``folder``."""
    draft = Draft(Random(seed))
    _frame(draft)
    _pools(draft)
    if draft.chance(8):
        _fabric(draft)
    if draft.chance(7):
        _power(draft)
    if draft.chance(5):
        _cooling(draft)
    say_names(draft)
    text = yaml.dump(draft.sheet, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    (folder / "site.yaml").write_text(text, encoding="utf-8")
    (folder / "machines.csv").write_text(_csv(draft), encoding="utf-8")
    return folder


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes everything out: a site file has no aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _csv(draft: Draft) -> str:
    text = io.StringIO()
    further = dict.fromkeys(key for row in draft.rows for key in row if key not in COLUMNS)
    writer = csv.DictWriter(text, [*COLUMNS, *further], lineterminator="\n")
    writer.writeheader()
    draft.random.shuffle(draft.rows)
    writer.writerows(draft.rows)
    return text.getvalue()


def _frame(draft: Draft) -> None:
    """Names, networks, halls and racks."""
    count, random = draft.random.randint(2, 10), draft.random
    start = random.randint(1, 5)
    draft.racks = [f"r{number:02}" for number in range(start, start + count)]
    halls = [f"hall-{number + 1}" for number in range(random.choice((0, 1, 1, 2)))]
    draft.sheet |= {
        "site": "drawn",
        "country": "UA",
        "location": "UA-drawn",
        "release": "metal-2026.11",
        "networks": {
            "oob": {"cidr": "10.20.0.0/16", "controller": "10.20.0.1"},
            "provisioning": {"cidr": "10.40.0.0/16", "gateway": "10.40.0.1"},
        },
        "depot": {"url": "https://10.40.0.2:8480"},
    }
    if halls:
        draft.sheet["halls"] = [
            {
                "name": hall,
                "air_kw": random.randint(50, 500),
                "temperature_max_c": f"{random.randint(22, 32)} °C",
                "humidity_max_percent": "60 %",
            }
            for hall in halls
        ]
    draft.sheet["racks"] = _racks(draft, halls)


def _racks(draft: Draft, halls: list[str]) -> list[dict[str, object]]:
    """One entry a rack, or a span of all of them."""
    common = {"units": UNITS, "power_kw": draft.pick("40 kW", 132.5, "0.2 MW")}
    if draft.chance(5):
        common["weight_limit_kg"] = draft.pick("1.8 t", 1500)
    if len(halls) < 2 and draft.chance(5):
        span = f"{draft.racks[0]}..{draft.racks[-1]}"
        return [{"name": span, **common, "row": "row-1", "place": draft.random.randint(1, 4)}]
    found: list[dict[str, object]] = []
    for number, name in enumerate(draft.racks):
        row, place = divmod(number, 4)
        entry = {"name": name, **common, "row": f"row-{row + 1}", "place": 2 * place + 1}
        if len(halls) > 1 or (halls and draft.chance(5)):
            entry["hall"] = halls[number * len(halls) // len(draft.racks)]
        found.append(entry)
    draft.random.shuffle(found)
    return found


def _pools(draft: Draft) -> None:
    """One to three pools, and machines of theirs with numbers that have gaps."""
    random, pools = draft.random, []
    free = dict.fromkeys(draft.racks, 1)
    for number in range(random.randint(1, 3)):
        name, model = f"pool{'abc'[number]}", random.choice(MODELS)
        pool: dict[str, object] = {"name": name, "model": model, "purpose": "training"}
        for key in ASKED.get(model, ()):
            pool[key] = {"power_kw": draft.pick("9.5 kW", 0.8), "height_u": 4}.get(key, "60 %")
        if draft.chance(3):
            pool["weight_kg"] = random.randint(30, 150)
        if draft.chance(3):
            pool["psus"] = random.randint(1, 6)
        if draft.chance(3) and "power_kw" not in pool:
            pool["power_kw"] = f"{random.randint(20, 120) / 10} kW"
        if "power_kw" in pool and draft.chance(5):
            pool["peak_kw"] = "14 kW"
        pools.append(pool)
        draft.pools.append(name)
        _machines(draft, pool, free)
    draft.sheet["pools"] = pools
    say_elevations(draft.random, draft.sheet, draft.rows, {it: UNITS - free[it] for it in free})


HEIGHTS = {"dgx-h100": 8, "dgx-h200": 8, "dgx-b200": 10, "cpu-node": 4, "hgx-b200": 4}


def _machines(draft: Draft, pool: dict[str, object], free: dict[str, int]) -> None:
    height = HEIGHTS.get(str(pool["model"]), 1)
    numbers = [it for it in range(1, draft.random.randint(2, 14)) if draft.chance(8)] or [1]
    for number in numbers:
        open_ = [rack for rack, unit in free.items() if unit + height <= UNITS]
        if not open_:
            return
        rack = draft.random.choice(open_)
        unit = free[rack]
        free[rack] += height
        serial = len(draft.rows) + 1
        draft.rows.append(
            {
                "name": f"{pool['name']}-{number:03}",
                "pool": pool["name"],
                "rack": rack,
                "unit": unit,
                "bmc_mac": f"02:00:00:00:{serial // 256:02x}:{serial % 256:02x}",
                "bmc_address": f"10.20.{int(rack[1:])}.{unit}",
                "bmc_cert_sha256": "",
                "chassis_serial": f"SN-{serial:05}",
                "system_uuid": str(uuid.UUID(int=2**120 + serial)),
            }
        )


def _stand(draft: Draft, most: int) -> dict[str, object]:
    """Two or three racks of their own for the switches of one tier."""
    name = f"n{50 + 4 * draft.stands:03}"
    draft.stands += 1
    first, last = int(name[1:]), int(name[1:]) + draft.random.randint(1, 2)
    racks = [f"n{number:03}" for number in range(first, last + 1)]
    entry = {"name": f"{racks[0]}..{racks[-1]}", "units": UNITS, "power_kw": 30}
    entry |= {"row": "row-9", "place": 1 + 3 * draft.stands}
    if draft.sheet.get("halls"):
        entry["hall"] = draft.sheet["halls"][0]["name"]  # type: ignore[index]
    draft.sheet["racks"].append(entry)  # type: ignore[attr-defined]
    draft.switch_racks += racks
    listed = [entry["name"]] if draft.chance(5) else draft.random.sample(racks, len(racks))
    unit = draft.random.randint(1, 8)
    return {"racks": listed, "per_rack": draft.random.randint(1, most), "unit": unit}


SWITCHES = {"infiniband": "generic-infiniband", "ethernet": "generic-ethernet"}


def _fabric(draft: Draft) -> None:
    random = draft.random
    cages, split = random.choice((2, 4, 5, 8, 12)), random.choice((1, 2, 4))
    figures = {"height_u": 1, "cages": cages, "per_cage": {400: split}, "power_kw": 1.25}
    fabric: dict[str, object] = {
        "switches": {key: dict(figures) for key in SWITCHES.values()},
    }
    for at, layer in enumerate(("compute", "storage", "frontend")):
        if not draft.chance(8 - 3 * at):
            continue
        network = _network(draft, cages * split, at)
        if network:
            fabric[layer] = network
    if draft.chance(6):
        fabric["distances"] = {
            "rack_pitch_m": random.choice((0.6, "60 cm", 0.7)),
            "row_pitch_m": random.choice((2.4, 1.8)),
            "hall_m": 30,
            "slack_m": random.choice((2.0, 1.4)),
        }
    if draft.chance(3):
        fabric["media"] = [
            {
                "name": "om4-trunk",
                "kinds": ["infiniband", "ethernet"],
                "speeds_gbps": [400],
                "reach_m": "20 m",
                "lengths_m": [3, 7, 15],
                "copper": draft.pick(True, False),
                "upper_ports": split,
                "lower_ports": draft.pick(1, split),
            }
        ]
    if draft.chance(6):
        _oob(draft, fabric)
    draft.sheet["fabric"] = fabric
    if draft.chance(4):
        _projects(draft)


def _network(draft: Draft, radix: int, at: int) -> dict[str, object]:
    """One tree that can be built for these switches; none where the draw is unlucky."""
    random = draft.random
    rails, planes = random.choice((1, 1, 2, 4)), random.choice((1, 1, 2))
    over = random.choice((1, 1, 1, 1.5, 2, 3, "1.4")) if draft.chance(4) else 1
    down = int(radix * float(over) / (1 + float(over)) + 1e-9)
    small = draft.chance(5)
    few, many = (1, down // 4) if small else (down // 2, down)
    slots = random.randint(max(1, few), max(1, many))
    two_tiers = max(1, radix // rails)
    half = radix // 2
    most = min(3 * two_tiers, radix * (half // rails)) if over == 1 else two_tiers
    target = random.randint(1, max(1, min(2, most) if small else most))
    if rails > half or int(down / float(over)) < 1 or slots > down:
        return {}
    su = random.randint(1, target) if target <= 4 else random.randint(1, 4)
    network: dict[str, object] = {
        "kind": random.choice(tuple(SWITCHES)),
        "speed_gbps": random.choice(("400 Gb/s", 400, "0.4 Tb/s")),
        "nodes_per_su": slots,
        "rails": rails,
        "planes": planes,
        "oversubscription": over,
        "su": su,
    }
    if target > su or draft.chance(5):
        network["su_max"] = max(target, su)
    network["switch"] = SWITCHES[str(network["kind"])]
    reserved = _reserve(draft, network, down)
    if not say_homes(draft, network, reserved):
        return {}
    if (small or draft.chance(2)) and target <= two_tiers:
        _choose(draft, network, radix)
    network["reserved_ports"] = reserved
    # A tree that may come out as one leaf has no racks for spines.
    spines = () if network.get("tiers") == "auto" else ("spines",)
    for tier in ("leaves", *spines, "managers"):
        if draft.chance(7):
            network[tier] = _stand(draft, 20)
    if network["kind"] == "ethernet":
        network["addresses"] = {
            "loopbacks": f"10.{96 + at}.0.0/16",
            "links": f"10.{128 + 16 * at}.0.0/12",
            "hosts": f"{11 + at}.0.0.0/8",
            "asn": 4_200_000_000 + 100_000 * at,
        }
    return network


def _choose(draft: Draft, network: dict[str, object], radix: int) -> None:
    """Tiers and rails of a leaf by the key; those that always fit."""
    rails, slots = int(str(network["rails"])), int(str(network["nodes_per_su"]))
    if draft.chance(7):
        network["tiers"] = "auto"
        return
    network["tiers"] = 2
    half = max(1, int(radix / (1 + float(str(network["oversubscription"])))))
    fit = [it for it in (2, 4) if rails % it == 0 and (slots + 1) * it < min(half, radix - half)]
    if fit:
        network["rails_per_leaf"] = draft.random.choice(fit)


def _reserve(draft: Draft, network: dict[str, object], down: int) -> int:
    """Ports for managers: of the last rows, so that slots below stay free."""
    row = int(str(network["rails"])) * int(str(network["planes"]))
    return draft.random.randint(0, row) if draft.chance(3) and down > 1 else 0


def _oob(draft: Draft, fabric: dict[str, object]) -> None:
    random = draft.random
    switches = fabric["switches"]
    assert isinstance(switches, dict)
    switches["sn2201"] = {"power_kw": 0.2}
    switches["sn4600c"] = {"power_kw": 1.1}
    cut = random.randint(1, len(draft.racks))
    machines = [part for part in (draft.racks[:cut], draft.racks[cut:]) if part]
    parts = [*machines, *([list(draft.switch_racks)] if draft.switch_racks else [])]
    low = any(HEIGHTS.get(str(it["model"]), 1) < 4 for it in draft.sheet["pools"])  # type: ignore[attr-defined]
    groups: list[dict[str, object]] = []
    for number, racks in enumerate(parts):
        group: dict[str, object] = {
            "name": f"part{'abc'[number]}",
            "racks": racks,
            "racks_per_switch": random.choice((1, 2, 4)),
            "unit": 48,
        }
        if not low and racks[0].startswith("r"):
            group["units_per_port"] = random.choice((1, 2, 4))
        if draft.chance(5):
            group["uplinks"] = {
                "switch": "sn4600c",
                "speed_gbps": "100 Gb/s",
                "stand": _stand(draft, 8),
                "reserved_ports": random.choice((0, 4, 62)),
            }
        groups.append(group)
    fabric["oob"] = {"switch": "sn2201", "groups": groups}


def _projects(draft: Draft) -> None:
    ids = draft.random.sample(range(1, 200), draft.random.randint(1, 5))
    draft.sheet["projects"] = [
        {
            "name": f"project-{number}",
            "id": number,
            "isolation": "shared",
            "data_class": "internal",
            "pool": draft.pools[0],
            "owner": "An institute",
        }
        for number in ids
    ]
    fabric = draft.sheet["fabric"]
    assert isinstance(fabric, dict)
    if draft.chance(5):
        fabric["tenants"] = {"vni": 7000, "pkeys_from": "0x0100"}


def _power(draft: Draft) -> None:
    random = draft.random
    sides = "ABCD"[: random.randint(1, 4)]
    sources: list[dict[str, object]] = [
        {"name": "grid", "kind": "utility", "capacity_kw": "4 MW", "loss": draft.pick("1 %", 0)},
        {"name": "gen", "kind": "generator", "capacity_kw": 3000},
    ]
    leaves: list[str] = []
    for side in sides:
        low = side.lower()
        ups = {"name": f"ups-{low}", "kind": "ups", "capacity_kw": 900, "parent": "grid"}
        ups |= {"side": side, "loss": random.choice(("4 %", 0.06))}
        if draft.chance(5):
            ups["standby"] = "gen"
        sources.append(ups)
        for number in range(random.randint(1, 2)):
            name = f"bus-{low}{number + 1}"
            bus = {"name": name, "kind": "busway", "capacity_kw": 600, "parent": f"ups-{low}"}
            sources.append({**bus, "loss": random.choice((0, "0.5 %"))})
            leaves.append(name)
    random.shuffle(sources)
    circuits = [
        {"name": "named", "pdu": "pdu-415v-60a"},
        {"name": "delta", "pdu": "pdu-208v-30a"},
        {"name": "single", "pdu": "pdu-230v-32a", "continuous": "100 %"},
        {
            "name": "own",
            "volts": "400 V",
            "amps": 63,
            "phases": 3,
            "wiring": "wye",
            "continuous": 1,
        },
    ]
    draft.sheet["power"] = {"power_factor": "95 %", "sources": sources, "circuits": circuits}
    if draft.chance(3):
        draft.sheet["power"]["feed_loss"] = "degraded"  # type: ignore[index]
    racks = draft.sheet["racks"]
    assert isinstance(racks, list)
    for rack in racks:
        chosen = random.sample(leaves, random.randint(0, len(leaves)))
        rack["feeds"] = [
            {
                "source": source,
                "circuit": random.choice(("named", "delta", "single", "own")),
                "count": random.randint(1, 3),
            }
            for source in chosen
        ]


def _cooling(draft: Draft) -> None:
    random = draft.random
    named = "power" in draft.sheet
    cut = random.randint(1, len(draft.racks))
    parts = [part for part in (draft.racks[:cut], draft.racks[cut:]) if part and draft.chance(8)]
    waters = [
        {"name": "fws", "class": "W32", "supply_max_c": "29 °C", "insulated": True},
        {"name": "cold", "class": "W27", "supply_max_c": random.randint(18, 27)},
    ]
    loops: list[dict[str, object]] = []
    for number, racks in enumerate(parts):
        air = "halls" in draft.sheet and draft.chance(3)
        loops.append(_loop(draft, number, racks, named=named, air=air))
    if not loops:
        return
    draft.sheet["cooling"] = {"loops": loops}
    if any("facility_water" in loop for loop in loops):
        draft.sheet["cooling"]["facility_water"] = waters  # type: ignore[index]


def _loop(
    draft: Draft, number: int, racks: list[str], *, named: bool, air: bool
) -> dict[str, object]:
    random = draft.random
    supply = random.randint(30, 40)
    loop: dict[str, object] = {
        "name": f"tcs-{number + 1}",
        "racks": racks,
        "fluid": random.choice(("pg25", "water")),
        "rated_fluids": ["water", "pg25"],
        "materials": ["copper", "EPDM"],
        "filter_um": "50 um",
        "supply_c": f"{supply} °C",
        "supply_min_c": supply - 4,
        "volume_l": draft.pick("1.2 m3", 900),
        "cdus": [_cdus(draft, number, racks, named=named, air=air)],
        "rack_path": {"drop_kpa": "2.3 psi", "drop_lpm": "59 L/min", "flow_limit_lpm": 177},
        "pressures": {
            "pipe_drop_kpa": 90,
            "pipe_drop_lpm": 1200,
            "static_kpa": "1.5 bar",
            "rated_kpa": "5 bar",
        },
        "leaks": {"rack_sensor": True, "tray_detectors": random.randint(0, 4), "valve": "agent"},
        "response": {"detect_s": 5, "decide_s": 1, "power_off_s": 20, "flow_loss": "hardware"},
    }
    loop["return_c"] = random.randint(supply + 1, 50)
    if draft.chance(3):
        loop |= {"density_kg_l": 1.0143, "heat_capacity_kj_kgk": 3.96}
    if not air:
        loop["facility_water"] = random.choice(("fws", "cold"))
    return loop


def _cdus(
    draft: Draft, number: int, racks: list[str], *, named: bool, air: bool
) -> dict[str, object]:
    model = "generic-air" if air else draft.pick("row-1300kw", "generic", "rack-250kw")
    order: dict[str, object] = {
        "model": model,
        "flow_lpm": "78 m3/h",
        "head_kpa": 220,
        "pumps": 3,
        "pumps_needed": 2,
        "power_kw": draft.pick("15 kW", 2.5),
        "feeds": ["ups-a"] if named else ["grid-1", "grid-2"],
    }
    if str(model).startswith("generic"):
        order["capacity_kw"] = draft.pick("0.4 MW", 250)
    if draft.chance(5):
        order["count"] = draft.random.randint(1, 3)
    elif draft.chance(5):
        order["names"] = [f"cdu-{number}-{letter}" for letter in "xy"]
    elif draft.chance(7):
        order |= {"rack": racks[0], "unit": 45, "height_u": 3, "weight_kg": 120}
    return order
