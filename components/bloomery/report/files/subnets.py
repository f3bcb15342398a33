"""InfiniBand subnets of a plan, as every tool for InfiniBand takes them: switches and adapters.

A network is one subnet, with planes one a plane. Dark cables are left out: nothing answers at
their far end yet. Adapters of a machine are counted in the order of the rails, each with one port.
A machine has the name that its adapters are described by: its own, without a domain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from bloomery.names import short_name
from bloomery.plan.model import Cable, Plan, SwitchPlan

PREFIXED = "qm"
"""Switch families whose type in ibdiagnet is the order code with an M before it: MQM9700."""


@dataclass(frozen=True)
class Subnet:
    """One subnet, which one subnet manager runs."""

    cables: tuple[Cable, ...]
    switches: Mapping[str, SwitchPlan]
    """Those at which a cable of it ends, by name."""
    adapters: Mapping[str, int]
    """Machine -> how many adapters it has."""


def subnets(plan: Plan) -> Mapping[str, Subnet]:
    """Name -> subnet: that of the network, with the plane where there are several."""
    switches = {switch.name: switch for switch in plan.fabric.switches}
    made = {}
    for network in plan.fabric.networks:
        if network.kind != "infiniband":
            continue
        lit = (c for c in plan.fabric.cables if c.network == network.name and not c.dark)
        cables = [_described(cable, switches) for cable in lit]
        for plane in range(1, network.planes + 1):
            name = network.name if network.planes == 1 else f"{network.name}-plane{plane}"
            made[name] = _subnet([c for c in cables if _plane(c, switches) == plane], switches)
    return made


def adapter(index: int) -> str:
    """Name of the adapter at a machine's port ``index``."""
    return f"mlx5_{index - 1}"


def adapters_type(count: int) -> str:
    """Type of a machine with ``count`` adapters, as ibdiagnet names it."""
    return f"HCA_mlx5_{count}"


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


def _subnet(cables: list[Cable], switches: Mapping[str, SwitchPlan]) -> Subnet:
    adapters: dict[str, int] = defaultdict(int)
    mine: dict[str, SwitchPlan] = {}
    for cable in cables:
        for device, index in ((cable.a_device, cable.a_index), (cable.b_device, cable.b_index)):
            if device in switches:
                mine[device] = switches[device]
            else:
                adapters[device] = max(adapters[device], index)
    return Subnet(tuple(cables), mine, adapters)
