"""Names of ports that the catalogue or the site declares, read back into ports of a plan.

Switches: the names of the system that runs on them, then those of the other systems of the model,
and their aliases. Machines: RDMA devices and network interfaces of their pool.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from bloomery.plan.model import Plan
from bloomery.plan.port_names import HostPorts, model_of, switch_naming, system_of

FIRST_PORT = "/P1"
"""What ends the name of an adapter's only port."""

Names = Mapping[str, tuple[str, ...]]
"""Name in lower case -> ports as the plan calls them; several where planes share an adapter."""


class DeclaredNames:
    """Names of a plan's ports by device."""

    def __init__(self, plan: Plan) -> None:
        self._names: dict[str, Names] = dict(_switches(plan))
        self._forms: dict[tuple[str, str], frozenset[str]] = {}
        machines: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        hosts = HostPorts(plan)
        for machine, port, known in hosts.ends(plan.fabric.cables):
            for name in filter(None, (known.hca, known.interface)):
                machines[machine][name.lower()].append(port)
        for machine, names in machines.items():
            self._names[machine] = {name: tuple(ports) for name, ports in names.items()}
        for it in plan.fabric.host_ports:
            forms = frozenset(form(name) for name in (*it.hcas, *it.interfaces) if name)
            self._forms[it.pool, it.network] = forms
        self._pools = {node.name: node.pool for node in plan.metal.nodes}

    def switch(self, device: str) -> bool:
        """Whether a system is known whose names the ports of a switch have."""
        return device in self._names and device not in self._pools

    def ports(self, device: str, name: str) -> tuple[str, ...]:
        """Ports as the plan calls them; none where nobody declares the name."""
        return self._names.get(device, {}).get(_bare(name), ())

    def covers(self, device: str, network: str, name: str) -> bool:
        """Whether all names of the form of ``name`` are declared for a machine's ports in
        ``network``, so that one that is not among them means none of them."""
        return form(name) in self._forms.get((self._pools.get(device, ""), network), ())


def form(name: str) -> str:
    """``mlx5_3/P1`` and ``mlx5_11`` are of one form: a number is as good as another."""
    return re.sub(r"\d+", "#", _bare(name))


def _bare(name: str) -> str:
    return name.removesuffix(FIRST_PORT).lower()


def _switches(plan: Plan) -> Iterator[tuple[str, Names]]:
    for switch in plan.fabric.switches:
        model = model_of(switch)
        systems = model.systems if model else {}
        own = system_of(plan, switch)
        found: dict[str, tuple[str, ...]] = {}
        for system in sorted(systems, key=lambda it: it != own):
            for name, port in switch_naming(switch, systems[system]).ports.items():
                found.setdefault(name, (port,))
        if found:
            yield switch.name, found
