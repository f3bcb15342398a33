"""``*.topo``: what ``ibdiagnet`` and NVIDIA's cable validation compare a fabric with.

Format: IBDM topology file, Debian manual page ``ibdm-topo-file(1)``: sections that begin with
``SYSTEM-TYPE SYSTEM-NAME``, then one line a port, and an empty line between. Ports and types are
named as in the manual of NVIDIA's UFM Cable Validation Tool, page "Topo File":
``P2 -4x-50G-> HCA_mlx5_3 host mlx5_0/P1``; width, then the speed of one lane.

ibutils 1.5.7, which Debian has, was written before such speeds: of a lane it knows 2.5, 5 and 10
Gb/s, and passes over a line with any other. So it gets files of its own, without speeds, and with
its system definitions (``ibdm-ibnl-file(1)``): it has none of today's switches.
``IBDM_IBNL_PATH`` is the folder of the definitions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from bloomery.plan.model import Plan
from bloomery.report.files.sheet import number
from bloomery.report.files.subnets import Adapters, Subnet, subnets, system_type

LANES = 4
"""Lanes of a link: InfiniBand ports of these switches are all 4x."""

Ports = Mapping[str, list[tuple[int, str]]]
"""Switch -> port number and the rest of its line."""


def topologies(plan: Plan) -> Mapping[str, bytes]:
    """Subnet -> its topology for ibdiagnet of today."""
    return {name: _text(subnet, speeds=True) for name, subnet in subnets(plan).items()}


def ibutils(plan: Plan) -> Mapping[str, bytes]:
    """Files for ibutils, by name: topologies, and the definitions of all systems in them."""
    found = subnets(plan)
    made = {f"{name}.topo": _text(subnet, speeds=False) for name, subnet in found.items()}
    ports: dict[str, int] = defaultdict(int)
    for subnet in found.values():
        for switch in subnet.switches.values():
            kind = system_type(switch.model)
            ports[kind] = max(ports[kind], switch.ports)
        for adapters in set(subnet.adapters.values()):
            kind = subnet.types[adapters]
            made[f"{kind}.ibnl"] = _machine(kind, adapters)
    return made | {f"{kind}.ibnl": _switch(kind, count) for kind, count in ports.items()}


def _switch(kind: str, ports: int) -> bytes:
    lines = "".join(f"    {port} -> P{port}\n" for port in range(1, ports + 1))
    return f"TOPSYSTEM {kind}\n\nNODE SW {ports} {kind} U1\n{lines}".encode()


def _machine(kind: str, adapters: Adapters) -> bytes:
    nodes = (
        f"\nNODE CA 1 ADAPTER {name}\n    1 -> {name}/P1\n" for name in dict.fromkeys(adapters)
    )
    return f"TOPSYSTEM {kind}\n{''.join(nodes)}".encode()


def _text(subnet: Subnet, *, speeds: bool) -> bytes:
    return "\n".join(_sections(_ports(subnet, speeds=speeds), subnet)).encode()


def _ports(subnet: Subnet, *, speeds: bool) -> Ports:
    ports: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for cable in subnet.cables:
        lane = f"{number(cable.speed_gbps / LANES)}G-" if speeds else ""
        ends = (
            (cable.a_device, cable.a_index, cable.b_device, cable.b_index),
            (cable.b_device, cable.b_index, cable.a_device, cable.a_index),
        )
        for device, index, peer, far in ends:
            if device in subnet.switches:
                ports[device].append((index, f"-{LANES}x-{lane}> {_far(peer, far, subnet)}"))
    return ports


def _far(device: str, index: int, subnet: Subnet) -> str:
    """The other end: a switch with its port, or a host with one of its adapters."""
    if switch := subnet.switches.get(device):
        return f"{system_type(switch.model)} {device} P{index}"
    return f"{subnet.type_of(device)} {device} {subnet.adapter(device, index)}/P1"


def _sections(ports: Ports, subnet: Subnet) -> Iterator[str]:
    for name, lines in sorted(ports.items()):
        body = "".join(f"   P{index} {rest}\n" for index, rest in sorted(lines))
        yield f"{system_type(subnet.switches[name].model)} {name}\n{body}"
