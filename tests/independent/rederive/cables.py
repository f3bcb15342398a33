"""The cables of one tree: which port of what goes where, derived port by port."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rederive.ledger import Ledger
from rederive.mixed import ports_of, seat
from rederive.plugs import Derived, End, plugged
from rederive.reading import Files, Tree, catalogue, exact, figure, machine_number, names
from rederive.runs import Runs, Spot, label
from rederive.tree import PORT_PREFIX, Sizes, port_name


class Cable(NamedTuple):
    """One row of the plan's cable list, in its order."""

    id: str
    network: str
    layer: str
    a_device: str
    a_port: str
    a_index: int
    b_device: str
    b_port: str
    b_index: int
    speed_gbps: float
    medium: str
    length_m: float
    a_label: str
    b_label: str
    a_address: str
    b_address: str
    dark: bool

    def ports(self) -> Iterator[tuple[str, str]]:
        yield self.a_device, self.a_port
        yield self.b_device, self.b_port


def compare_rows(
    name: str,
    rows: Sequence[Cable],
    derived: Sequence[Derived],
    runs: Runs,
    kind: str,
    speed: float,
    ledger: Ledger,
) -> None:
    """Planned rows against derived ones, by their ends."""
    found = {(it.a_device, it.a_port, it.b_device, it.b_port): it for it in rows}
    for it, (length, medium) in zip(derived, plugged(derived, runs, kind, speed), strict=True):
        if not it.built:
            continue
        key = (it.a.spot[0], it.a.port, it.b.spot[0], it.b.port)
        row = found.pop(key, None)
        where = f"cable {name} {key[0]} {key[1]} to {key[2]} {key[3]}"
        if row is None:
            ledger.lines.append(f"{where}: is not in the plan")
            continue
        told = Cable(
            f"{name}:{key[0]}:{key[1]}~{key[2]}:{key[3]}",
            name,
            it.layer,
            key[0],
            key[1],
            it.a.number,
            key[2],
            key[3],
            it.b.number,
            speed,
            medium,
            length,
            label(it.a.spot, it.a.port, it.b.spot, it.b.port),
            label(it.b.spot, it.b.port, it.a.spot, it.a.port),
            *it.addresses,
            it.dark,
        )
        if row != told:
            for field, planned, value in zip(Cable._fields, row, told, strict=True):
                ledger.same(f"{where}.{field}", planned, value)
    for key in found:
        ledger.lines.append(f"cable {name} {key[0]} {key[1]} to {key[2]} {key[3]}: was not derived")


class TreeCables:
    """Derives the cables of one tree and holds the planned ones against them."""

    def __init__(
        self,
        files: Files,
        layer: str,
        sizes: Sizes,
        in_cage: int,
        switches: Mapping[tuple[str, int, int, int], Tree],
        runs: Runs,
        ledger: Ledger,
    ) -> None:
        self._files, self._layer, self._sizes, self._in_cage = files, layer, sizes, in_cage
        self._network: Tree = files.sheet["fabric"][layer]
        self._switches, self._runs, self._ledger = switches, runs, ledger
        addresses = self._network.get("addresses")
        self._pools = (
            {key: ipaddress.IPv4Network(addresses[key]) for key in ("links", "hosts")}
            if addresses
            else {}
        )

    def compare(self, rows: Sequence[Cable]) -> None:
        """Counts, bundles, then every row."""
        derived = [
            *(*self._machines(), *self._managers()),
            *(*self._pairs(), *self._uplinks(), *self._trunks()),
        ]
        there = sum(it.built for it in derived)
        self._ledger.same(f"number of cables of {self._layer}", len(rows), there)
        self._bundles(rows)
        kind, speed = self._network["kind"], float(exact(self._network["speed_gbps"]))
        compare_rows(self._layer, rows, derived, self._runs, kind, speed, self._ledger)

    def _bundles(self, rows: Sequence[Cable]) -> None:
        """Between any two switches run as many cables as between any other two of their tiers."""
        for layer in ("leaf-spine", "spine-core"):
            pairs = Counter((it.a_device, it.b_device) for it in rows if it.layer == layer)
            if len(set(pairs.values())) > 1:
                few, many = min(pairs.values()), max(pairs.values())
                self._ledger.lines.append(f"bundles {layer} of {self._layer}: {few} to {many}")

    def _switch(self, tier: str, place: tuple[int, int, int], index: int) -> End:
        found = self._switches[tier, *place]
        return self._port((found["name"], found["rack"], found["unit"]), index)

    def _port(self, spot: Spot, index: int) -> End:
        name = port_name(index, self._in_cage)
        return End(spot, name, index, name.partition("/")[0], self._in_cage)

    def _pair(self, pool: str, offset: int) -> tuple[str, str]:
        if not self._pools:
            return "", ""
        base = self._pools[pool].network_address + offset
        return f"{base}/31", f"{base + 1}/31"

    def _leaf_number(self, leaf: tuple[int, int, int]) -> int:
        unit, rail, plane = leaf
        sizes = self._sizes
        return ((unit - 1) * sizes.each + (rail - 1) // sizes.shared) * sizes.planes + plane - 1

    def _host(self, leaf: tuple[int, int, int], port: int) -> tuple[str, str]:
        """One block a leaf, as large as the next power of two holds its ports twice."""
        widest = max(self._sizes.radix // 2, self._sizes.down)
        block = 2
        while block < 2 * widest:
            block *= 2
        return self._pair("hosts", self._leaf_number(leaf) * block + 2 * (port - 1))

    def _machines(self) -> Iterator[Derived]:
        sizes, prefix = self._sizes, PORT_PREFIX[self._layer]
        twin = ports_in_cages(self._files, self._layer)
        for row in self._files.machines:
            if row["pool"] not in self._network["pools"] or not machine_number(row):
                continue
            unit, slot = seat(self._network, row)
            spot = (row["name"], row["rack"], int(row["unit"]))
            each = twin.get(row["pool"], 1)
            for rail in range(1, ports_of(self._network, row["pool"]) + 1):
                for plane in range(1, sizes.planes + 1):
                    name = f"{prefix}{rail}/{plane}" if sizes.planes > 1 else f"{prefix}{rail}"
                    index = (rail - 1) * sizes.planes + plane
                    leaf = (unit, rail - (rail - 1) % sizes.shared, plane)
                    port = (slot - 1) * sizes.shared + rail - leaf[1] + 1
                    upper = self._switch("leaf", leaf, port)
                    cage = "any" if each > 1 else f"rail {rail}"
                    lower = End(spot, name, index, cage, each * sizes.planes)
                    yield Derived("node-leaf", lower, upper, self._host(leaf, port))

    def _managers(self) -> Iterator[Derived]:
        placement = self._network.get("managers", {})
        racks = names(placement.get("racks", []))
        each, count = int(placement.get("per_rack", 1)), int(self._network.get("reserved_ports", 0))
        for number, (rail, plane, port) in enumerate(self._sizes.reserved(count)):
            there = number < len(racks) * each
            rack = racks[number // each] if there else ""
            unit = int(placement["unit"]) + number % each if there else 0
            spot = (f"{self._layer}-manager-{number + 1}", rack, unit)
            leaf = (1, rail, plane)
            upper = self._switch("leaf", leaf, port)
            yield Derived("node-leaf", End(spot, "p1", 1), upper, self._host(leaf, port), not there)

    def _place(self, key: str, index: int) -> Spot:
        """Where a switch that is not built will stand."""
        return (f"later {key} {index}", *stand(self._files, self._network, key, index))

    def _pairs(self) -> Iterator[Derived]:
        """Two leaves without spines: each port above those of machines to its like."""
        sizes = self._sizes
        for plane in range(1, sizes.planes + 1) if sizes.tiers == 1 else ():
            both = sorted(self._leaf_number(it) for it in sizes.leaves() if it[2] == plane)
            if len(both) == 2:
                one, other = (it for it in sizes.leaves() if it[2] == plane)
                for strand in range(sizes.up):
                    port = sizes.down + strand + 1
                    pair = self._pair("links", 2 * (both[0] * (sizes.radix // 2) + strand))
                    ends = self._switch("leaf", one, port), self._switch("leaf", other, port)
                    yield Derived("leaf-leaf", *ends, pair)

    def _uplinks(self) -> Iterator[Derived]:
        """``leaf[l].p[down + s*b + j]`` to ``spine[s].p[l*b + j]``, b cables a bundle."""
        sizes = self._sizes
        for leaf in sizes.leaves() if sizes.tiers > 1 else ():
            found = self._switches["leaf", *leaf]
            yield from self._bundle(leaf, (found["name"], found["rack"], found["unit"]), True)
        for leaf in sizes.leaves_to_come(self._in_cage):
            yield from self._bundle(leaf, self._place("leaves", self._leaf_number(leaf)), False)

    def _bundle(self, leaf: tuple[int, int, int], spot: Spot, built: bool) -> Iterator[Derived]:
        sizes = self._sizes
        unit, rail, plane = leaf
        pod, in_pod = (unit - 1) // sizes.pod_units, (unit - 1) % sizes.pod_units
        for at in range(sizes.pod_spines):
            for strand in range(sizes.bundle):
                uplink = at * sizes.bundle + strand
                number = in_pod * sizes.each + (rail - 1) // sizes.shared
                port = number * sizes.bundle + strand + 1
                lower = self._port(spot, sizes.down + uplink + 1)
                upper = self._switch("spine", (pod + 1, at, plane), port)
                offset = 2 * (self._leaf_number(leaf) * (sizes.radix // 2) + uplink)
                pair = self._pair("links", offset)
                yield Derived("leaf-spine", lower, upper, pair, built=built)

    def _trunks(self) -> Iterator[Derived]:
        """``spine[pod, i].p[half + c*q + j]`` to ``core[i*g + c].p[pod*q + j]``."""
        sizes = self._sizes
        if not sizes.cores:
            return
        for place in sizes.spines():
            found = self._switches["spine", *place]
            yield from self._trunk(place, (found["name"], found["rack"], found["unit"]), True)
        for pod, at, plane in sizes.spines_to_come(self._in_cage):
            number = ((pod - 1) * sizes.pod_spines + at) * sizes.planes + plane - 1
            yield from self._trunk((pod, at, plane), self._place("spines", number), False)

    def _trunk(self, place: tuple[int, int, int], spot: Spot, built: bool) -> Iterator[Derived]:
        sizes = self._sizes
        pod, at, plane = place
        half, group = sizes.radix // 2, sizes.group
        strands = half // group
        upper_half = self._pools["links"].num_addresses // 2 if self._pools else 0
        number = ((pod - 1) * sizes.pod_spines + at) * sizes.planes + plane - 1
        for core in range(group):
            for strand in range(strands):
                uplink = core * strands + strand
                lower = self._port(spot, sizes.radix - half + uplink + 1)
                above = (0, at * group + core, plane)
                upper = self._switch("core", above, (pod - 1) * strands + strand + 1)
                offset = upper_half + 2 * (number * half + uplink)
                yield Derived("spine-core", lower, upper, self._pair("links", offset), built=built)


def ports_in_cages(files: Files, layer: str) -> dict[str, int]:
    """Pools whose machines have several ports of the compute network in one cage."""
    models = {it["name"]: it["model"] for it in files.sheet["pools"]}
    pools = files.sheet["fabric"][layer]["pools"] if layer == "compute" else {}
    each = {
        pool: int(figure(catalogue("nodes")[models[pool]], "compute_per_cage") or 1)
        for pool in pools
    }
    return {pool: ports for pool, ports in each.items() if ports > 1}


def stand(files: Files, network: Tree, key: str, index: int) -> tuple[str, int]:
    """Rack and unit of the switch ``index`` of a tier; no rack where there is no room."""
    placement = network.get(key)
    if placement is None:
        return "", 0
    model = catalogue("switches")[network["switch"]]
    own = files.sheet["fabric"].get("switches", {}).get(network["switch"], {})
    height = int(own["height_u"]) if "height_u" in own else int(exact(model["height_u"]["value"]))
    rack_names, each = names(placement["racks"]), int(placement["per_rack"])
    if index >= len(rack_names) * each:
        return "", 0
    return rack_names[index // each], int(placement["unit"]) + index % each * height
