"""Names of ports as systems have them, for a plan: of switches by the catalogue, of machines by
what the plan says of their pool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bloomery.catalogue.port_scheme import Front, PortNaming, PortPatterns, naming
from bloomery.catalogue.switch import SwitchModel, switch_models
from bloomery.plan.model import Cable, HostPortsPlan, Plan, SwitchPlan

NOTHING = PortNaming({}, {}, ())
"""Of a switch of which no system is known."""


@dataclass(frozen=True)
class HostPort:
    """One port of a machine; empty where nobody says it."""

    hca: str = ""
    pci: str = ""
    interface: str = ""


UNKNOWN = HostPort()


def model_of(switch: SwitchPlan) -> SwitchModel | None:
    """The catalogue's model of a switch; none where the catalogue has it no more."""
    return switch_models().get(_key(switch))


def _key(switch: SwitchPlan) -> str:
    """A key with something behind it, ``qm9700@b``, is the same model with other figures."""
    return switch.model.partition("@")[0]


def system_of(plan: Plan, switch: SwitchPlan) -> str:
    """The system that runs on a switch: the site's, else the catalogue's; empty where none is
    known."""
    model = model_of(switch)
    return plan.fabric.systems.get(_key(switch)) or (model.os if model else "")


def switch_naming(switch: SwitchPlan, patterns: PortPatterns | None) -> PortNaming:
    """Names that ``patterns`` give the ports of a switch."""
    front = _front(switch)
    return naming(patterns, front) if patterns and front else NOTHING


def _front(switch: SwitchPlan) -> Front | None:
    """None where a plan numbers the cages otherwise than the front: behind twisted-pair ports that
    it does not use."""
    if switch.tier == "oob":
        cages = (switch.ports - switch.down) // switch.per_cage
        return Front(switch.down, cages, switch.per_cage)
    model = model_of(switch)
    if model and model.access_ports:
        return None
    return Front(0, switch.ports // switch.per_cage, switch.per_cage)


def system_naming(plan: Plan, switch: SwitchPlan) -> PortNaming:
    """Names of a switch's ports in the system that runs on it."""
    model = model_of(switch)
    return switch_naming(switch, model.systems.get(system_of(plan, switch)) if model else None)


class HostPorts:
    """Names of the machines' ports."""

    def __init__(self, plan: Plan) -> None:
        self._pools = {node.name: node.pool for node in plan.metal.nodes}
        self._known = {(it.pool, it.network): it for it in plan.fabric.host_ports}

    def at(self, machine: str, network: str, index: int) -> HostPort:
        """The port of a machine whose number in ``network`` is ``index``."""
        found = self.of(machine, network)
        return _at(found, index - 1) if found else UNKNOWN

    def of(self, machine: str, network: str) -> HostPortsPlan | None:
        """What is known of all its ports in ``network``."""
        return self._known.get((self._pools.get(machine, ""), network))

    def ends(self, cables: tuple[Cable, ...]) -> Iterator[tuple[str, str, HostPort]]:
        """Machine, port as the plan calls it, and what is known of it, of every cable's end."""
        for cable in cables:
            if found := self.of(cable.a_device, cable.network):
                yield cable.a_device, cable.a_port, _at(found, cable.a_index - 1)


def _at(ports: HostPortsPlan, place: int) -> HostPort:
    lists = (ports.hcas, ports.pci, ports.interfaces)
    return HostPort(*(names[place] if place < len(names) else "" for names in lists))


def switch_names(plan: Plan) -> Mapping[str, PortNaming]:
    """Switch -> names of its ports in the system that runs on it."""
    return {it.name: system_naming(plan, it) for it in plan.fabric.switches}
