"""``ports.csv``: every port that has a cable, and what it is called where it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bloomery.plan.model import Cable, Plan
from bloomery.plan.port_names import HostPorts, switch_names, system_of
from bloomery.report.files.sheet import sheet


class PortRow(NamedTuple):
    """One port. Empty: nobody says it."""

    device: str
    port: str
    """As the plan calls it."""
    network: str
    number: int
    """Logical port, counted from 1."""
    os: str = ""
    """System of a switch."""
    name: str = ""
    """In that system; of a machine its network interface."""
    aliases: str = ""
    hca: str = ""
    """RDMA device of a machine's port."""
    pci: str = ""
    cable: str = ""
    """Id of its cable."""


def ports_csv(plan: Plan) -> bytes:
    """One row a port: devices by name, their ports in the order of the plan."""
    rows = sorted(_rows(plan), key=_device)
    return sheet(PortRow._fields, rows)


def _device(row: PortRow) -> str:
    return row.device


def _rows(plan: Plan) -> Iterator[PortRow]:
    systems = {switch.name: system_of(plan, switch) for switch in plan.fabric.switches}
    names, hosts = switch_names(plan), HostPorts(plan)
    for cable in plan.fabric.cables:
        for row in _ends(cable):
            if row.device in systems:
                name, *aliases = names[row.device].names.get(row.port, ("",))
                system = systems[row.device]
                yield row._replace(os=system, name=name, aliases=" ".join(aliases))
            else:
                known = hosts.at(row.device, row.network, row.number)
                yield row._replace(name=known.interface, hca=known.hca, pci=known.pci)


def _ends(cable: Cable) -> Iterator[PortRow]:
    network, name = cable.network, cable.id
    yield PortRow(cable.a_device, cable.a_port, network, cable.a_index, cable=name)
    yield PortRow(cable.b_device, cable.b_port, network, cable.b_index, cable=name)
