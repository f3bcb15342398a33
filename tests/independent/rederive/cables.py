"""The cables of one tree: which port of what goes where, derived port by port."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rederive.ledger import Ledger
from rederive.reading import Files, Tree, exact, names, tail
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


class End(NamedTuple):
    """One end as it was derived."""

    spot: Spot
    port: str
    index: int


class Derived(NamedTuple):
    """One cable as it was derived."""

    layer: str
    a: End
    b: End
    addresses: tuple[str, str] = ("", "")
    dark: bool = False


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
    for it in derived:
        key = (it.a.spot[0], it.a.port, it.b.spot[0], it.b.port)
        row = found.pop(key, None)
        where = f"cable {name} {key[0]} {key[1]} to {key[2]} {key[3]}"
        if row is None:
            ledger.lines.append(f"{where}: is not in the plan")
            continue
        end = "node" if it.layer in ("node-leaf", "oob") else "switch"
        length, medium = runs.run(it.a.spot, it.b.spot, kind, end, speed)
        told = Cable(
            f"{name}:{key[0]}:{key[1]}~{key[2]}:{key[3]}",
            name,
            it.layer,
            key[0],
            key[1],
            it.a.index,
            key[2],
            key[3],
            it.b.index,
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
        derived = [*self._machines(), *self._managers(), *self._uplinks(), *self._trunks()]
        self._ledger.same(f"number of cables of {self._layer}", len(rows), len(derived))
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
        spot = (found["name"], found["rack"], found["unit"])
        return End(spot, port_name(index, self._in_cage), index)

    def _pair(self, pool: str, offset: int) -> tuple[str, str]:
        if not self._pools:
            return "", ""
        base = self._pools[pool].network_address + offset
        return f"{base}/31", f"{base + 1}/31"

    def _leaf_number(self, leaf: tuple[int, int, int]) -> int:
        unit, rail, plane = leaf
        sizes = self._sizes
        return ((unit - 1) * sizes.rails + rail - 1) * sizes.planes + plane - 1

    def _host(self, leaf: tuple[int, int, int], port: int) -> tuple[str, str]:
        """One block a leaf, as large as the next power of two holds its ports twice."""
        widest = max(self._sizes.radix // 2, self._sizes.down)
        block = 2
        while block < 2 * widest:
            block *= 2
        return self._pair("hosts", self._leaf_number(leaf) * block + 2 * (port - 1))

    def _machines(self) -> Iterator[Derived]:
        sizes, prefix = self._sizes, PORT_PREFIX[self._layer]
        first = {pool: int(unit) for pool, unit in self._network["pools"].items()}
        for row in self._files.machines:
            number = tail(row["name"])
            if row["pool"] not in first or not number:
                continue
            unit = first[row["pool"]] + (number - 1) // sizes.slots
            slot = (number - 1) % sizes.slots + 1
            spot = (row["name"], row["rack"], int(row["unit"]))
            for rail in range(1, sizes.rails + 1):
                for plane in range(1, sizes.planes + 1):
                    name = f"{prefix}{rail}/{plane}" if sizes.planes > 1 else f"{prefix}{rail}"
                    index = (rail - 1) * sizes.planes + plane
                    leaf = (unit, rail, plane)
                    upper = self._switch("leaf", leaf, slot)
                    yield Derived(
                        "node-leaf", End(spot, name, index), upper, self._host(leaf, slot)
                    )

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

    def _uplinks(self) -> Iterator[Derived]:
        """``leaf[l].p[down + s*b + j]`` to ``spine[s].p[l*b + j]``, b cables a bundle."""
        sizes = self._sizes
        for leaf in sizes.leaves():
            unit, rail, plane = leaf
            pod, in_pod = (unit - 1) // sizes.pod_units, (unit - 1) % sizes.pod_units
            for at in range(sizes.pod_spines):
                for strand in range(sizes.bundle):
                    uplink = at * sizes.bundle + strand
                    port = (in_pod * sizes.rails + rail - 1) * sizes.bundle + strand + 1
                    lower = self._switch("leaf", leaf, sizes.down + uplink + 1)
                    upper = self._switch("spine", (pod + 1, at, plane), port)
                    offset = 2 * (self._leaf_number(leaf) * (sizes.radix // 2) + uplink)
                    yield Derived("leaf-spine", lower, upper, self._pair("links", offset))

    def _trunks(self) -> Iterator[Derived]:
        """``spine[pod, i].p[half + c*q + j]`` to ``core[i*g + c].p[pod*q + j]``."""
        sizes = self._sizes
        if not sizes.cores:
            return
        half, group = sizes.radix // 2, sizes.group
        strands = half // group
        upper_half = self._pools["links"].num_addresses // 2 if self._pools else 0
        for pod, at, plane in sizes.spines():
            number = ((pod - 1) * sizes.pod_spines + at) * sizes.planes + plane - 1
            for core in range(group):
                for strand in range(strands):
                    uplink = core * strands + strand
                    lower = self._switch("spine", (pod, at, plane), sizes.radix - half + uplink + 1)
                    place = (0, at * group + core, plane)
                    upper = self._switch("core", place, (pod - 1) * strands + strand + 1)
                    offset = upper_half + 2 * (number * half + uplink)
                    yield Derived("spine-core", lower, upper, self._pair("links", offset))
