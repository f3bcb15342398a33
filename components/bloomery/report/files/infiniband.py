"""``*.topo``: what ``ibdiagnet`` and NVIDIA's cable validation compare a fabric with.

Format: IBDM topology file, Debian manual page ``ibdm-topo-file(1)``: sections that begin with
``SYSTEM-TYPE SYSTEM-NAME``, then one line a port, and an empty line between. Ports and types are
named as in the manual of NVIDIA's UFM Cable Validation Tool, page "Topo File":
``P2 -4x-50G-> HCA_mlx5_3 host mlx5_0/P1``; width, then the speed of one lane.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from bloomery.plan.model import Cable, Plan, SwitchPlan
from bloomery.report.files.sheet import number

LANES = 4
"""Lanes of a link: InfiniBand ports of these switches are all 4x."""

PREFIXED = "qm"
"""Switch families whose type in ibdiagnet is the order code with an M before it: MQM9700."""

Ports = dict[str, list[tuple[int, str]]]
"""Switch -> port number and the rest of its line."""


def topologies(plan: Plan) -> Mapping[str, bytes]:
    """Network -> its topology; one a plane where there are several, for each is a subnet.

    Dark cables are left out: nothing answers at their far end yet.
    """
    switches = {switch.name: switch for switch in plan.fabric.switches}
    made = {}
    for network in plan.fabric.networks:
        if network.kind != "infiniband":
            continue
        for plane in range(1, network.planes + 1):
            name = network.name if network.planes == 1 else f"{network.name}-plane{plane}"
            cables = [c for c in plan.fabric.cables if c.network == network.name and not c.dark]
            mine = [c for c in cables if _plane(c, switches) == plane]
            made[name] = _text(mine, switches)
    return made


def system_type(model: str) -> str:
    """Type of a switch as ibdiagnet names it: ``qm9700`` -> ``MQM9700``, ``q3400`` -> ``Q3400``.

    A key with the pool behind it, ``qm9700@b``, is the same model with other figures.
    """
    key = model.partition("@")[0].upper()
    return f"M{key}" if model.startswith(PREFIXED) else key


def _plane(cable: Cable, switches: Mapping[str, SwitchPlan]) -> int:
    switch = switches.get(cable.b_device) or switches.get(cable.a_device)
    return switch.plane if switch else 1


def _text(cables: list[Cable], switches: Mapping[str, SwitchPlan]) -> bytes:
    adapters: dict[str, int] = defaultdict(int)
    for cable in cables:
        if cable.a_device not in switches:
            adapters[cable.a_device] = max(adapters[cable.a_device], cable.a_index)
    sections = _sections(_ports(cables, switches, adapters), switches)
    return "\n".join(sections).encode()


def _ports(
    cables: list[Cable], switches: Mapping[str, SwitchPlan], adapters: Mapping[str, int]
) -> Ports:
    ports: Ports = defaultdict(list)
    for cable in cables:
        link = f"-{LANES}x-{number(cable.speed_gbps / LANES)}G->"
        ends = (
            (cable.a_device, cable.a_index, cable.b_device, cable.b_index),
            (cable.b_device, cable.b_index, cable.a_device, cable.a_index),
        )
        for device, index, peer, far in ends:
            if device in switches:
                ports[device].append((index, f"{link} {_far(peer, far, switches, adapters)}"))
    return ports


def _far(
    device: str, index: int, switches: Mapping[str, SwitchPlan], adapters: Mapping[str, int]
) -> str:
    """The other end: a switch with its port, or a host with one of its adapters.

    Adapters are counted in the order of the rails, each with one port.
    """
    if switch := switches.get(device):
        return f"{system_type(switch.model)} {device} P{index}"
    return f"HCA_mlx5_{adapters[device]} {device} mlx5_{index - 1}/P1"


def _sections(ports: Ports, switches: Mapping[str, SwitchPlan]) -> Iterator[str]:
    for name, lines in sorted(ports.items()):
        body = "".join(f"   P{index} {rest}\n" for index, rest in sorted(lines))
        yield f"{system_type(switches[name].model)} {name}\n{body}"
