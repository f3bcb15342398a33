"""Every network of the site: its switches, and then its cables."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Mapping

from rederive.cables import Cable, TreeCables, ports_in_cages, stand
from rederive.ledger import Ledger
from rederive.mixed import last_rails, ports_of
from rederive.oob import compare_oob
from rederive.reading import Files, Tree, catalogue, exact, rack_numbers
from rederive.runs import Runs
from rederive.tree import Sizes, cages, per_cage

LAYERS = ("compute", "storage", "frontend")
TIERS = ("leaf", "spine", "core")
PLACEMENTS = {"leaf": "leaves", "spine": "spines", "core": "cores"}
ROUTE_TARGETS = 65000


def compare_fabric(files: Files, plan: Tree, ledger: Ledger) -> None:
    """Networks, switches, cables and the numbers of projects."""
    fabric, planned = files.sheet.get("fabric", {}), plan["fabric"]
    cables = [Cable(*row) for row in planned["cables"]]
    _everywhere(planned, cables, ledger)
    built = [layer for layer in LAYERS if layer in fabric]
    found = ledger.named("networks", planned["networks"], [*built, *({"oob"} & set(fabric))])
    ledger.once("switches", (it["name"] for it in planned["switches"]))
    runs = Runs(files.sheet)
    for layer in built:
        if layer in found:
            mine = [it for it in planned["switches"] if it["network"] == layer]
            rows = [it for it in cables if it.network == layer]
            _tree(files, layer, found[layer], mine, rows, runs, ledger)
    strange = {it.network for it in cables} | {it["network"] for it in planned["switches"]}
    ledger.same("networks with parts", sorted(strange - set(found)), [])
    if "oob" in found:
        compare_oob(files, planned, cables, found["oob"], runs, ledger)
    _media(planned, cables, runs, ledger)
    _tenants(files, planned, ledger)


def _media(planned: Tree, cables: list[Cable], runs: Runs, ledger: Ledger) -> None:
    """Media in use, and what is known of each."""
    known = {it.key: it for it in runs.media}
    used = {it.medium for it in cables if it.medium}
    ledger.same("media in use", [it["key"] for it in planned["media"]], sorted(used))
    for it in planned["media"]:
        if it["key"] in known:
            medium = known[it["key"]]
            ledger.fields(
                f"medium {medium.key}",
                it,
                reach_m=medium.reach_m,
                copper=medium.copper,
                upper_ports=medium.upper_ports,
                lower_ports=medium.lower_ports,
            )


def _everywhere(planned: Tree, cables: list[Cable], ledger: Ledger) -> None:
    """What no network may break: one cable a port, one port an address."""
    ledger.once("cable", (it.id for it in cables))
    ledger.once("port", (end for it in cables for end in it.ports()))
    # An address names one port, in whatever network.
    ends = [at for it in cables for at in (it.a_address, it.b_address) if at]
    switches = planned["switches"]
    ends += [
        f"{it[key].partition('/')[0]}/"
        for it in switches
        for key in ("loopback", "oob_address")
        if it[key]
    ]
    ledger.once("address", (it.partition("/")[0] for it in ends))


def _tree(
    files: Files,
    layer: str,
    planned: Tree,
    switches: list[Tree],
    rows: list[Cable],
    runs: Runs,
    ledger: Ledger,
) -> None:
    network: Tree = files.sheet["fabric"][layer]
    model = catalogue("switches")[network["switch"]]
    own = files.sheet["fabric"].get("switches", {}).get(network["switch"], {})
    in_cage = per_cage(own, model, float(exact(network["speed_gbps"])))
    whole = Sizes.of(network, cages(own, model) * in_cage)
    sizes = whole.needing(last_rails(files, layer), int(network.get("reserved_ports", 0)))
    _sums(layer, network, planned, sizes, rows, ledger)
    ledger.same(
        f"network {layer}.node_per_cage", planned["node_per_cage"], ports_in_cages(files, layer)
    )
    by_place = _switches(files, layer, switches, sizes, in_cage, ledger)
    if by_place is not None:
        TreeCables(files, layer, sizes, in_cage, by_place, runs, ledger).compare(rows)


def _sums(
    layer: str, network: Tree, planned: Tree, sizes: Sizes, rows: list[Cable], ledger: Ledger
) -> None:
    counts = Counter(it.layer for it in rows)
    leaves = sum(1 for _ in sizes.leaves())
    pairs = sizes.planes if sizes.tiers == 1 and leaves == 2 * sizes.planes else 0
    above = 0 if sizes.tiers == 1 else sizes.up
    spines = sizes.pods * sizes.pod_spines * sizes.planes
    ledger.fields(
        f"network {layer}",
        planned,
        kind=network["kind"],
        switch_model=network["switch"],
        tiers=sizes.tiers,
        planes=sizes.planes,
        rails=sizes.rails,
        su=sizes.units,
        su_max=sizes.target,
        nodes_per_su=sizes.slots,
        oversubscription=exact(network.get("oversubscription", "1")),
        speed_gbps=exact(network["speed_gbps"]),
        leaves=leaves,
        spines=spines,
        cores=sizes.cores * sizes.planes,
        node_cables=counts["node-leaf"],
        spine_cables=leaves * above,
        leaf_cables=pairs * sizes.up,
        tiers_asked=network.get("tiers", ""),
        rails_per_leaf=sizes.shared,
        core_cables=spines * sizes.spine_up,
        reserved_ports=int(network.get("reserved_ports", 0)),
        pools=sorted(network["pools"]),
    )
    mixed = network["pools"] if network.get("pool_rails") else {}
    ports = {pool: ports_of(network, pool) for pool in mixed}
    ledger.same(f"network {layer}.pool_rails", planned.get("pool_rails", {}), ports)
    units = {pool: int(unit) for pool, unit in mixed.items()}
    ledger.same(f"network {layer}.pool_units", planned.get("pool_units", {}), units)
    ledger.same(f"cables leaf-spine of {layer}", counts["leaf-spine"], leaves * above)
    ledger.same(f"cables leaf-leaf of {layer}", counts["leaf-leaf"], pairs * sizes.up)
    ledger.same(f"cables spine-core of {layer}", counts["spine-core"], spines * sizes.spine_up)
    addresses = network.get("addresses", {})
    for key, pool in (
        ("loopback_cidr", "loopbacks"),
        ("link_cidr", "links"),
        ("host_cidr", "hosts"),
    ):
        ledger.same(f"network {layer}.{key}", planned[key], addresses.get(pool, ""))


Place = tuple[str, int, int, int]
"""Tier, and where in it: leaf (unit, rail, plane), spine (pod, at, plane), core (0, at, plane)."""


def _places(sizes: Sizes) -> dict[Place, int]:
    """Every switch there must be, with its place in its tier by stride."""
    planes = sizes.planes
    found: dict[Place, int] = {}
    for unit, rail, plane in sizes.leaves():
        found["leaf", unit, rail, plane] = (
            ((unit - 1) * sizes.each + (rail - 1) // sizes.shared) * planes + plane - 1
        )
    for pod, at, plane in sizes.spines():
        found["spine", pod, at, plane] = ((pod - 1) * sizes.pod_spines + at) * planes + plane - 1
    for at in range(sizes.cores):
        for plane in range(1, planes + 1):
            found["core", 0, at, plane] = at * planes + plane - 1
    return found


def _switches(
    files: Files, layer: str, switches: list[Tree], sizes: Sizes, in_cage: int, ledger: Ledger
) -> Mapping[Place, Tree] | None:
    """Switches by place; None where they cannot be told apart."""
    network: Tree = files.sheet["fabric"][layer]
    places = _places(sizes)
    by_index = {(it["tier"], it["index"]): it for it in switches}
    wanted = {(place[0], index) for place, index in places.items()}
    ledger.same(f"number of switches of {layer}", len(switches), len(places))
    ledger.same(f"places of switches of {layer}", sorted(set(by_index) ^ wanted), [])
    if set(by_index) != wanted or len(switches) != len(places):
        return None
    found = {place: by_index[place[0], index] for place, index in places.items()}
    oob = ipaddress.IPv4Network(files.sheet["networks"]["oob"]["cidr"])
    kept = sizes.reserved(int(network.get("reserved_ports", 0)))
    strides = rack_numbers(files.sheet)
    for place, switch in found.items():
        tier, first, second, plane = place
        leaf, where = tier == "leaf", f"switch {switch['name']}"
        ups = {"leaf": sizes.up, "spine": sizes.spine_up, "core": 0}
        downs = {"leaf": sizes.down, "spine": sizes.radix - sizes.spine_up, "core": sizes.radix}
        pod = {"leaf": (first - 1) // sizes.pod_units + 1, "spine": first, "core": 0}[tier]
        rack, unit = stand(files, network, PLACEMENTS[tier], places[place])
        ledger.fields(
            where,
            switch,
            network=layer,
            model=network["switch"],
            su=first if leaf else 0,
            rail=second if leaf else 0,
            plane=plane,
            pod=pod if sizes.tiers == 3 else 0,
            ports=sizes.radix,
            per_cage=in_cage,
            down=downs[tier],
            up=ups[tier],
            rack=rack,
            unit=unit,
            reserved=sorted(
                port for rail, on, port in kept if leaf and (first, second, plane) == (1, rail, on)
            ),
        )
        # Of a rack's 256 addresses out of band the upper half is for switches.
        number = 256 * strides[rack] + 128 + unit if rack else 0
        ledger.same(
            f"{where}.oob_address", switch["oob_address"], str(oob[0] + number) if rack else ""
        )
        _numbers(where, network, sizes, place, places[place], switch, ledger)
    return found


def _numbers(
    where: str, network: Tree, sizes: Sizes, place: Place, index: int, switch: Tree, ledger: Ledger
) -> None:
    """Loopback and autonomous system."""
    addresses = network.get("addresses")
    if addresses is None:
        ledger.fields(where, switch, loopback="", asn=0)
        return
    pool, first = ipaddress.IPv4Network(addresses["loopbacks"]), int(addresses["asn"])
    tier, pod, _, plane = place
    at = TIERS.index(tier) * pool.num_addresses // 4 + index
    asn = {
        "leaf": first + 1000 + index,
        "spine": first + (pod - 1) * sizes.planes + plane - 1,
        "core": first + 900 + plane - 1,
    }[tier]
    ledger.fields(where, switch, loopback=f"{pool[0] + at}/32", asn=asn)


def _tenants(files: Files, planned: Tree, ledger: Ledger) -> None:
    projects = {it["name"]: int(it["id"]) for it in files.sheet.get("projects", ())}
    if "fabric" not in files.sheet:
        projects = {}
    numbers = files.sheet.get("fabric", {}).get("tenants", {})
    vni, pkey = int(numbers.get("vni", 5000)), int(str(numbers.get("pkeys_from", "2")), 0)
    found = {it["project"]: it for it in planned["tenants"]}
    ledger.same("tenants", sorted(it["project"] for it in planned["tenants"]), sorted(projects))
    for name, number in projects.items():
        if name in found:
            ledger.fields(
                f"tenant {name}",
                found[name],
                index=number,
                vni=vni + number,
                route_target=f"{ROUTE_TARGETS}:{vni + number}",
                pkey=f"0x{pkey + number - 1:04x}",
                asn=0,
            )
    for key in ("vni", "route_target", "pkey"):
        ledger.once(key, (it[key] for it in planned["tenants"]))
