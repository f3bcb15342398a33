"""``*.net``: a subnet for ``ibsim``, which simulates it for OpenSM and the diagnostic tools.

Format: that of ``ibnetdiscover``, which ibsim reads (its README and ``net-examples``). An adapter
is a node of one port, described as ``rdma-ndd`` describes it: host name, then device. GUIDs are
counted and mean nothing: no plan knows those of the real devices. The first node is where tools
are attached unless ``SIM_HOST`` names another: a manager of the fabric where the plan has one.

    ibsim -s -n -N NODES -S SWITCHES -P PORTS compute.net
    LD_PRELOAD=/usr/lib/x86_64-linux-gnu/umad2sim/libumad2sim.so opensm
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set

from bloomery.names import short_name
from bloomery.plan.model import Plan
from bloomery.report.files.subnets import Subnet, subnets

SWITCH_GUID, ADAPTER_GUID = 0x0200_0000_0000_0000, 0x0300_0000_0000_0000
"""First GUIDs: of the range that no vendor has."""

STEP = 0x100
"""From one GUID to the next: ibsim adds the number of a port to that of its node."""

LANES = 4
"""Lanes of a link: InfiniBand ports of these switches are all 4x."""

SPEEDS = {2.5: "SDR", 5: "DDR", 10: "QDR", 14: "FDR", 25: "EDR"}
"""Gb/s of one lane, and the name ibsim knows it by."""

FASTEST = "HDR"
"""What every faster lane is called: ibsim 0.10, which Debian has, knows none above 50 Gb/s."""

Node = tuple[str, int]
"""Device and adapter; adapter 0 is a switch."""

Link = tuple[int, Node, int, float]
"""Own port, far node and its port, Gb/s."""


def netlists(plan: Plan) -> Mapping[str, bytes]:
    """Subnet -> its netlist."""
    machines = frozenset(short_name(node.name) for node in plan.metal.nodes)
    return {name: _text(subnet, machines).encode() for name, subnet in subnets(plan).items()}


def _text(subnet: Subnet, machines: Set[str]) -> str:
    """The whole file: managers and other endpoints, machines, switches."""
    links: dict[Node, list[Link]] = defaultdict(list)
    for cable in subnet.cables:
        a, a_port = _node(cable.a_device, cable.a_index, subnet)
        b, b_port = _node(cable.b_device, cable.b_index, subnet)
        links[a].append((a_port, b, b_port, cable.speed_gbps))
        links[b].append((b_port, a, a_port, cable.speed_gbps))
    order = sorted(links, key=lambda node: (not node[1], node[0] in machines, node))
    guids = dict(_counted(order))
    ports = sum(subnet.switches[name].ports + 1 if not index else 1 for name, index in order)
    head = f"# ibsim -s -n -N {len(order)} -S {max(len(subnet.switches), 1)} -P {ports} FILE\n"
    return "\n".join(
        [head, *(_section(node, sorted(links[node]), guids, subnet) for node in order)]
    )


def _node(device: str, index: int, subnet: Subnet) -> tuple[Node, int]:
    """The node at a port, and which of its ports it is."""
    return ((device, 0), index) if device in subnet.switches else ((device, index), 1)


def _counted(order: Sequence[Node]) -> Iterator[tuple[Node, int]]:
    for number, node in enumerate(order, 1):
        yield node, (ADAPTER_GUID if node[1] else SWITCH_GUID) + number * STEP


def _section(node: Node, links: Sequence[Link], guids: Mapping[Node, int], subnet: Subnet) -> str:
    device, index = node
    kind, count = ("Ca", 1) if index else ("Switch", subnet.switches[device].ports)
    guid = f"{'ca' if index else 'switch'}guid=0x{guids[node]:x}"
    lines = [guid, f'{kind}\t{count} "{_id(node, guids)}"\t\t# "{_title(node, subnet)}"']
    own = "lid 0 lmc 0 " if index else ""
    for port, far, far_port, gbps in links:
        speed = SPEEDS.get(gbps / LANES, FASTEST)
        said = f'{own}"{_title(far, subnet)}" lid 0 {LANES}x{speed}'
        lines.append(f'[{port}]\t"{_id(far, guids)}"[{far_port}]\t\t# {said}')
    return "\n".join(lines) + "\n"


def _title(node: Node, subnet: Subnet) -> str:
    """How a node describes itself."""
    device, index = node
    return f"{device} {subnet.adapter(device, index)}" if index else device


def _id(node: Node, guids: Mapping[Node, int]) -> str:
    return f"{'H' if node[1] else 'S'}-{guids[node]:016x}"
