"""What the ports of a pool's machines are called, one row a port."""

from __future__ import annotations

from dataclasses import dataclass

from bloomery.plan.model import Plan
from bloomery.plan.port_names import HostPort, HostPorts


@dataclass(frozen=True)
class PortLine:
    """One port that all machines of a pool have."""

    pool: str
    network: str
    port: str
    """As the plan calls it."""
    known: HostPort


def port_lines(plan: Plan) -> tuple[PortLine, ...]:
    """Ports with a known name, by pool and network; a port is that of any machine with a cable."""
    pools = {node.name: node.pool for node in plan.metal.nodes}
    found: dict[tuple[str, str, int], PortLine] = {}
    hosts = HostPorts(plan)
    for cable in plan.fabric.cables:
        if hosts.of(cable.a_device, cable.network):
            pool = pools[cable.a_device]
            known = hosts.at(cable.a_device, cable.network, cable.a_index)
            line = PortLine(pool, cable.network, cable.a_port, known)
            found.setdefault((pool, cable.network, cable.a_index), line)
    return tuple(found[key] for key in sorted(found))
