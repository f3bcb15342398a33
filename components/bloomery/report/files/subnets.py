"""InfiniBand subnets of a plan, as every tool for InfiniBand takes them: switches and adapters.

A network is one subnet, with planes one a plane. Dark cables are left out: nothing answers at
their far end yet. A machine has the name that its adapters are described by: its own, without a
domain. Its adapters have the names that the plan knows; where it knows none they are counted in the
order of the rails. Each has one port.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from bloomery.names import short_name
from bloomery.plan.model import Cable, HostPortsPlan, Plan, SwitchPlan
from bloomery.plan.port_names import HostPorts

Adapters: TypeAlias = tuple[str, ...]
"""Names of a machine's adapters by port."""

PREFIXED = "qm"
"""Switch families whose type in ibdiagnet is the order code with an M before it: MQM9700."""


@dataclass(frozen=True)
class Subnet:
    """One subnet, which one subnet manager runs."""

    cables: tuple[Cable, ...]
    switches: Mapping[str, SwitchPlan]
    """Those at which a cable of it ends, by name."""
    types: Mapping[Adapters, str]
    """Adapters of a machine -> its type; the same in all subnets of a plan."""
    adapters: Mapping[str, Adapters]
    """Machine -> its adapters."""

    def adapter(self, machine: str, index: int) -> str:
        """The adapter at a machine's port ``index``."""
        return self.adapters[machine][index - 1]

    def type_of(self, machine: str) -> str:
        """Type of a machine as ibdiagnet names it."""
        return self.types[self.adapters[machine]]


def subnets(plan: Plan) -> Mapping[str, Subnet]:
    """Name -> subnet: that of the network, with the plane where there are several."""
    switches = {switch.name: switch for switch in plan.fabric.switches}
    hosts = HostPorts(plan)
    made = {}
    for network in plan.fabric.networks:
        if network.kind != "infiniband":
            continue
        cables = [c for c in plan.fabric.cables if c.network == network.name and not c.dark]
        for plane in range(1, network.planes + 1):
            name = network.name if network.planes == 1 else f"{network.name}-plane{plane}"
            mine = [c for c in cables if _plane(c, switches) == plane]
            made[name] = _subnet(mine, switches, hosts)
    types = _types(it for subnet in made.values() for it in subnet.adapters.values())
    return {name: replace(subnet, types=types) for name, subnet in made.items()}


def _types(every: Iterable[Adapters]) -> Mapping[Adapters, str]:
    """``HCA_mlx5_8`` of eight adapters; further kinds of as many adapters have a number behind."""
    found: dict[Adapters, str] = {}
    kinds: Counter[int] = Counter()
    for adapters in sorted(set(every), key=lambda it: (it != _counted(len(it)), it)):
        count = len(adapters)
        kinds[count] += 1
        behind = f"_{kinds[count]}" if kinds[count] > 1 else ""
        found[adapters] = f"HCA_mlx5_{count}{behind}"
    return found


def _counted(count: int) -> Adapters:
    """Adapters of which nobody says what they are called."""
    return tuple(f"mlx5_{number}" for number in range(count))


def system_type(model: str) -> str:
    """Type of a switch as ibdiagnet names it: ``qm9700`` -> ``MQM9700``, ``q3400`` -> ``Q3400``.

    A key with the pool behind it, ``qm9700@b``, is the same model with other figures.
    """
    key = model.partition("@")[0].upper()
    return f"M{key}" if model.startswith(PREFIXED) else key


def _described(cable: Cable, switches: Mapping[str, SwitchPlan]) -> Cable:
    """``cable`` with the names by which the adapters at its ends are described."""
    a, b = (
        device if device in switches else short_name(device)
        for device in (cable.a_device, cable.b_device)
    )
    return (
        cable
        if (a, b) == (cable.a_device, cable.b_device)
        else cable._replace(a_device=a, b_device=b)
    )


def _plane(cable: Cable, switches: Mapping[str, SwitchPlan]) -> int:
    switch = switches.get(cable.b_device) or switches.get(cable.a_device)
    return switch.plane if switch else 1


def _subnet(cables: list[Cable], switches: Mapping[str, SwitchPlan], hosts: HostPorts) -> Subnet:
    ports: dict[str, int] = defaultdict(int)
    mine: dict[str, SwitchPlan] = {}
    for cable in cables:
        for device, index in ((cable.a_device, cable.a_index), (cable.b_device, cable.b_index)):
            if device in switches:
                mine[device] = switches[device]
            else:
                ports[device] = max(ports[device], index)
    network = cables[0].network if cables else ""
    adapters = {
        short_name(name): _adapters(hosts.of(name, network), count) for name, count in ports.items()
    }
    return Subnet(tuple(_described(cable, mine) for cable in cables), mine, {}, adapters)


def _adapters(known: HostPortsPlan | None, count: int) -> Adapters:
    """Names of all of them, or of none: a counted one could be that of another port."""
    hcas = known.hcas if known else ()
    return hcas if len(hcas) >= count and all(hcas) else _counted(count)
