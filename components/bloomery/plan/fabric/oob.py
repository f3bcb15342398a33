"""The network out of band: BMCs and management ports, one port by place."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bloomery.catalogue import CableEnd
from bloomery.plan.fabric.numbers import dotted
from bloomery.plan.fabric.plugs import Link, Plug, lay
from bloomery.plan.fabric.rack_parts import part_ends, rack_parts
from bloomery.plan.fabric.run import Runs, Spot, management_address, spot
from bloomery.plan.fabric.switches import stand
from bloomery.plan.fabric.wiring import port_names
from bloomery.plan.model import Cable, SwitchPlan
from bloomery.site import Machine, Site
from bloomery.site.fabric.sheet import FabricSheet, OobGroup, Uplinks
from bloomery.site.fabric.switches import FullSwitchFigures, full_switch_figures
from bloomery.site.types.whole_number import MAX_UNITS

PAIR = 2
"""Uplinks of a switch out of band, each to a gathering switch of its own."""


@dataclass(frozen=True)
class Oob:
    """Switches and cables of the network out of band."""

    switches: tuple[SwitchPlan, ...]
    cables: tuple[Cable, ...]


@dataclass(frozen=True)
class _Access:
    """One switch out of band, and the racks whose devices it serves."""

    plan: SwitchPlan
    group: OobGroup
    number: int
    """Place among those of its group, from 0."""
    racks: tuple[str, ...]


def plan_oob(site: Site, sheet: FabricSheet, others: Sequence[SwitchPlan], runs: Runs) -> Oob:
    """Out-of-band switches of ``site``, wired to its machines, to the switches ``others``, and to
    the parts of its rack-scale racks."""
    if sheet.oob is None:
        return Oob((), ())
    laid = _Layer(site, sheet, runs)
    by_name = sorted(site.machines, key=lambda machine: machine.name)
    access = [it for group in sheet.oob.groups for it in laid.access(group)]
    upper = [it for group in sheet.oob.groups for it in laid.gather(group)]
    devices = [(spot(it.name, it.rack, it.unit), "mgmt") for it in (*others, *upper)]
    devices += part_ends(rack_parts(site))
    cables = [
        *laid.devices(access, by_name, devices),
        *laid.uplinks(access, {it.name: it for it in upper}),
    ]
    return Oob((*(it.plan for it in access), *upper), tuple(cables))


class _Layer:
    def __init__(self, site: Site, sheet: FabricSheet, runs: Runs) -> None:
        assert sheet.oob is not None  # noqa: S101 - for the type checker: asked by plan_oob
        self._sheet = sheet
        self._figures = full_switch_figures(sheet, sheet.oob.switch)
        self._first = int(ipaddress.IPv4Network(site.networks.oob.cidr).network_address)
        self._runs = runs
        self._number = site.rack_number

    def access(self, group: OobGroup) -> Iterator[_Access]:
        step = group.racks_per_switch
        for number, at in enumerate(range(0, len(group.racks), step)):
            racks = group.racks[at : at + step]
            end = spot(f"oob-{group.name}-{number + 1:03}", racks[0], group.unit)
            figures = self._figures
            plan = self._switch(end, "oob", figures, down=figures.access_ports, per_cage=1)
            yield _Access(plan, group, number, racks)

    def gather(self, group: OobGroup) -> Iterator[SwitchPlan]:
        """The pairs above the switches of ``group``."""
        if group.uplinks is None:
            return
        figures, per_cage, joined = self._gathering(group.uplinks)
        count = -(-len(group.racks) // group.racks_per_switch)
        for number in range(-(-count // joined) * PAIR):
            rack, unit = stand(group.uplinks.stand, number, figures.height_u)
            end = spot(self._upper_name(group, number), rack, unit)
            reserved = range(joined + 1, figures.cages * per_cage + 1)
            yield self._switch(
                end, "spine", figures, down=joined, per_cage=per_cage, reserved=tuple(reserved)
            )

    def _gathering(self, uplinks: Uplinks) -> tuple[FullSwitchFigures, int, int]:
        figures = full_switch_figures(self._sheet, uplinks.switch)
        per_cage = figures.per_cage[uplinks.speed_gbps]
        return figures, per_cage, figures.cages * per_cage - uplinks.reserved_ports

    @staticmethod
    def _upper_name(group: OobGroup, number: int) -> str:
        pair, side = divmod(number, PAIR)
        return f"oob-{group.name}-up-{pair + 1:02}{'ab'[side]}"

    def _switch(
        self,
        end: Spot,
        tier: str,
        figures: FullSwitchFigures,
        *,
        down: int,
        per_cage: int,
        reserved: tuple[int, ...] = (),
    ) -> SwitchPlan:
        access = figures.access_ports if tier == "oob" else 0
        rack = self._number(end.rack) if end.rack else 0
        address = management_address(self._first, rack, end.unit)
        return SwitchPlan(
            name=end.name,
            network="oob",
            tier=tier,
            # By place: racks and units name a switch, whatever stands elsewhere.
            index=rack * (MAX_UNITS + 1) + end.unit,
            model=figures.key,
            ports=access + figures.cages * per_cage,
            per_cage=per_cage,
            down=down,
            up=PAIR if tier == "oob" else 0,
            reserved=reserved,
            rack=end.rack,
            unit=end.unit,
            oob_address=dotted(address) if end.rack else "",
        )

    def devices(
        self,
        access: Sequence[_Access],
        machines: Sequence[Machine],
        others: Sequence[tuple[Spot, str]],
    ) -> Iterator[Cable]:
        """A cable from every device that stands in a rack of a group."""
        at = {rack: (it, place) for it in access for place, rack in enumerate(it.racks)}
        ends = [(spot(it.name, it.rack, it.unit), "bmc") for it in machines]
        rows: list[_Row] = []
        for end, port in (*ends, *others):
            if end.rack not in at:
                continue
            switch, place = at[end.rack]
            stride = switch.plan.down // switch.group.racks_per_switch
            offset = (end.unit - 1) // switch.group.units_per_port
            # A unit beyond the stride has no port; the rule on missing cables names the device.
            if offset < stride:
                rows.append(_Row(end, port, 1, switch.plan, place * stride + offset + 1))
        yield from self._cables("oob", self._figures.access_gbps, rows)

    def uplinks(self, access: Sequence[_Access], upper: dict[str, SwitchPlan]) -> Iterator[Cable]:
        """Two from every switch out of band, where its group says to what."""
        by_speed: dict[float, list[_Row]] = {}
        for it in access:
            if it.group.uplinks is None:
                continue
            pair, port = divmod(it.number, self._gathering(it.group.uplinks)[2])
            end = spot(it.plan.name, it.plan.rack, it.plan.unit)
            rows = by_speed.setdefault(it.group.uplinks.speed_gbps, [])
            for side in range(PAIR):
                index = it.plan.down + side + 1
                above = upper[self._upper_name(it.group, pair * PAIR + side)]
                own = port_names(it.plan.ports, 1)[index]
                rows.append(_Row(end, own, index, above, port + 1))
        for speed_gbps, rows in by_speed.items():
            yield from self._cables("leaf-spine", speed_gbps, rows)

    def _cables(self, layer: str, speed_gbps: float, rows: Sequence[_Row]) -> Iterator[Cable]:
        end: CableEnd = "node" if layer == "oob" else "switch"
        uppers = [spot(row.upper.name, row.upper.rack, row.upper.unit) for row in rows]
        links = [_link(end, row, b) for row, b in zip(rows, uppers, strict=True)]
        laid = lay(self._runs, "ethernet", speed_gbps, links)
        for (a, a_port, a_index, upper, b_index), b, run in zip(rows, uppers, laid, strict=True):
            b_port = port_names(upper.ports, upper.per_cage)[b_index]
            near, far = f"{a.label} {a_port}", f"{b.label} {b_port}"
            yield Cable(
                id=f"oob:{a.name}:{a_port}~{b.name}:{b_port}",
                network="oob",
                layer=layer,
                a_device=a.name,
                a_port=a_port,
                a_index=a_index,
                b_device=b.name,
                b_port=b_port,
                b_index=b_index,
                speed_gbps=speed_gbps,
                medium=run[1],
                length_m=run[0],
                a_label=f"{near} > {far}",
                b_label=f"{far} > {near}",
            )


class _Row(NamedTuple):
    """A cable before its length and medium are known."""

    a: Spot
    a_port: str
    a_index: int
    upper: SwitchPlan
    b_index: int


def _link(end: CableEnd, row: _Row, upper: Spot) -> Link:
    per_cage = row.upper.per_cage
    lower_plug = Plug((row.a.name, row.a_index), 1)
    upper_plug = Plug((upper.name, (row.b_index - 1) // per_cage + 1), per_cage)
    return Link(end, row.a, lower_plug, upper, upper_plug)
