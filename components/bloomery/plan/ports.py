"""Which ports of which switches another plan would connect otherwise."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from bloomery.plan.model import Cable, FabricPlan

Port = tuple[str, str, float, str]
"""Far device, far port, speed in Gb/s and own address of one port."""


@dataclass(frozen=True)
class SwitchImpact:
    """One switch whose ports change."""

    switch: str
    state: str
    """``new``, ``gone`` or ``changed``."""
    ports: int
    """Ports that are connected, disconnected or connected to something else."""


def switch_impacts(before: FabricPlan | None, after: FabricPlan) -> tuple[SwitchImpact, ...]:
    """Switches with at least one port that changes, by name. Linear in the cables."""
    if before is not None and before == after:
        return ()
    old = _ports(before) if before else {}
    new = _ports(after)
    known = {switch.name for switch in before.switches} if before else set()
    wanted = {switch.name for switch in after.switches}
    found = []
    for name in sorted(known | wanted):
        ports = _differing(old.get(name, {}), new.get(name, {}))
        state = "changed" if name in known & wanted else "new" if name in wanted else "gone"
        if ports or state != "changed":
            found.append(SwitchImpact(name, state, ports))
    return tuple(found)


def _differing(old: dict[str, Port], new: dict[str, Port]) -> int:
    return sum(old.get(port) != new.get(port) for port in old.keys() | new.keys())


def _ports(fabric: FabricPlan) -> dict[str, dict[str, Port]]:
    """Switch -> port as printed on it -> what hangs on it. A dark cable hangs on nothing."""
    ports: dict[str, dict[str, Port]] = defaultdict(dict)
    switches = {switch.name for switch in fabric.switches}
    for cable in fabric.cables:
        near, far = _ends(cable)
        ports[cable.b_device][cable.b_port] = far
        if cable.a_device in switches:
            ports[cable.a_device][cable.a_port] = near
    return ports


def _ends(cable: Cable) -> tuple[Port, Port]:
    """What the lower end sees, and what the upper end sees."""
    below = ("", "") if cable.dark else (cable.a_device, cable.a_port)
    return (
        (cable.b_device, cable.b_port, cable.speed_gbps, cable.a_address),
        (*below, cable.speed_gbps, cable.b_address),
    )
