"""The network out of band: one port for each device by its rack and unit."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from rederive.cables import Cable, compare_rows
from rederive.elevation import parts
from rederive.ledger import Ledger
from rederive.plugs import Derived, End
from rederive.reading import Files, Tree, catalogue, exact, figure, names, rack_numbers
from rederive.runs import Runs, Spot
from rederive.tree import cages, per_cage, port_name


@dataclass(frozen=True)
class Access:
    """One switch next to the racks it serves."""

    spot: Spot
    group: Tree
    number: int
    racks: tuple[str, ...]


class Oob:
    """What there must be out of band."""

    def __init__(self, files: Files) -> None:
        self.files, self.fabric = files, files.sheet["fabric"]
        self.sheet: Tree = self.fabric["oob"]
        self.model = catalogue("switches")[self.sheet["switch"]]
        own = self.fabric.get("switches", {}).get(self.sheet["switch"], {})
        self.ports = int(own.get("access_ports", figure(self.model, "access_ports")))
        self.speed = float(exact(own.get("access_gbps", figure(self.model, "access_gbps"))))
        self.uplink_ports = cages(own, self.model)
        self.access = [it for group in self.sheet["groups"] for it in self._group(group)]

    @staticmethod
    def _group(group: Tree) -> Iterator[Access]:
        racks, step = names(group["racks"]), int(group["racks_per_switch"])
        for number in range(-(-len(racks) // step)):
            mine = tuple(racks[number * step : (number + 1) * step])
            spot = (f"oob-{group['name']}-{number + 1:03}", mine[0], int(group["unit"]))
            yield Access(spot, group, number, mine)

    def gathering(self, group: Tree) -> tuple[Tree, Tree, int, int]:
        """Own figures, model, ports in a cage and ports in use of the switches above."""
        up = group["uplinks"]
        model = catalogue("switches")[up["switch"]]
        own = self.fabric.get("switches", {}).get(up["switch"], {})
        in_cage = per_cage(own, model, float(exact(up["speed_gbps"])))
        return own, model, in_cage, cages(own, model) * in_cage - int(up.get("reserved_ports", 4))

    def upper(self, group: Tree) -> list[Spot]:
        """The pairs above one group."""
        if "uplinks" not in group:
            return []
        own, model, _, joined = self.gathering(group)
        height = int(own.get("height_u", figure(model, "height_u")))
        lower = -(-len(names(group["racks"])) // int(group["racks_per_switch"]))
        stand = group["uplinks"]["stand"]
        racks, each = names(stand["racks"]), int(stand["per_rack"])
        found: list[Spot] = []
        for number in range(2 * -(-lower // joined)):
            there = number < len(racks) * each
            rack = racks[number // each] if there else ""
            unit = int(stand["unit"]) + number % each * height if there else 0
            name = f"oob-{group['name']}-up-{number // 2 + 1:02}{'ab'[number % 2]}"
            found.append((name, rack, unit))
        return found

    def devices(self, planned: Tree) -> Iterator[tuple[Spot, str]]:
        """What has a port for managers: machines, switches of other networks, parts of racks."""
        for row in self.files.machines:
            yield (row["name"], row["rack"], int(row["unit"])), "bmc"
        for switch in planned["switches"]:
            if switch["network"] != "oob":
                yield (switch["name"], switch["rack"], switch["unit"]), "mgmt"
        for part in parts(self.files):
            yield (part.name, part.rack, part.unit), str(part.model["port"])
        for group in self.sheet["groups"]:
            yield from ((spot, "mgmt") for spot in self.upper(group))

    def ends(self, planned: Tree) -> Iterator[Derived]:
        """One port a device; the port follows from rack and unit."""
        serving = {rack: (it, at) for it in self.access for at, rack in enumerate(it.racks)}
        for spot, port in self.devices(planned):
            if spot[1] not in serving:
                continue
            it, at = serving[spot[1]]
            each = self.ports // int(it.group["racks_per_switch"])
            row = (spot[2] - 1) // int(it.group.get("units_per_port", 1))
            if row < each:
                index = at * each + row + 1
                yield Derived("oob", End(spot, port, 1), End(it.spot, port_name(index, 1), index))

    def uplinks(self, group: Tree) -> Iterator[Derived]:
        """Two cables from every switch of the group, one to each of a pair."""
        above = self.upper(group)
        if not above:
            return
        _, _, in_cage, joined = self.gathering(group)
        for it in (it for it in self.access if it.group is group):
            for side in range(2):
                index, port = self.ports + side + 1, it.number % joined + 1
                upper = above[it.number // joined * 2 + side]
                lower = End(it.spot, port_name(index, 1), index)
                name = port_name(port, in_cage)
                above_end = End(upper, name, port, name.partition("/")[0], in_cage)
                yield Derived("leaf-spine", lower, above_end)


def compare_oob(
    files: Files, planned: Tree, cables: list[Cable], network: Tree, runs: Runs, ledger: Ledger
) -> None:
    """Switches out of band, their addresses, and every cable."""
    oob = Oob(files)
    groups = oob.sheet["groups"]
    spots = [*(it.spot for it in oob.access), *(it for group in groups for it in oob.upper(group))]
    mine = [it for it in planned["switches"] if it["network"] == "oob"]
    found = ledger.named("switches out of band", mine, (it[0] for it in spots))
    block = ipaddress.IPv4Network(files.sheet["networks"]["oob"]["cidr"])
    strides = rack_numbers(files.sheet)
    for name, rack, unit in spots:
        if name in found:
            address = str(block[0] + 256 * strides[rack] + 128 + unit) if rack else ""
            ledger.fields(f"switch {name}", found[name], rack=rack, unit=unit, oob_address=address)
    for it in oob.access:
        if it.spot[0] in found:
            ledger.fields(
                f"switch {it.spot[0]}",
                found[it.spot[0]],
                tier="oob",
                model=oob.sheet["switch"],
                down=oob.ports,
                ports=oob.ports + oob.uplink_ports,
                up=2,
            )
    rows = [it for it in cables if it.network == "oob"]
    ends = list(oob.ends(planned))
    down = [it for it in rows if it.layer == "oob"]
    compare_rows("oob", down, ends, runs, "ethernet", oob.speed, ledger)
    links = 0
    for group in groups:
        derived = list(oob.uplinks(group))
        links += len(derived)
        lower = {it.spot[0] for it in oob.access if it.group is group}
        up = [it for it in rows if it.layer == "leaf-spine" and it.a_device in lower]
        if "uplinks" in group:
            speed = float(exact(group["uplinks"]["speed_gbps"]))
            compare_rows("oob", up, derived, runs, "ethernet", speed, ledger)
    ledger.same("number of cables out of band", len(rows), len(ends) + links)
    ledger.fields(
        "network oob",
        network,
        leaves=len(oob.access),
        spines=len(spots) - len(oob.access),
        node_cables=len(ends),
        spine_cables=links,
    )
