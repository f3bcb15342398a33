"""Which port of the plan an observed name means, where nobody declares it.

Read off the name alone: what is printed on a port (``p07/2``, ``7/2``), its logical number (``14``,
``P14``), the names that switches give their ports by cage and sub-port (``swp7s1``, ``sw7p2``,
``etp7b``). A number that several networks of a device have is of the network of the far end.

Not read off: the names of adapters and of a host's interfaces, and SONiC's numbers of lanes. What
they mean is declared (``bloomery.check.declared_names``) or learnt from the far ends of all devices
of one kind (``bloomery.check.learnt_names``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bloomery.check.observed.seen import End
from bloomery.plan.model import Cable

NUMBER = re.compile(r"p?0*(\d+)", re.I)
"""A logical port: ``14``, ``P14``; IBDM writes the second."""

Cage = tuple[int, int]
"""Cage and sub-port, both counted from 1; sub-port 0 where the cage is one port."""

CAGES: Mapping[re.Pattern[str], Callable[[re.Match[str]], Cage]] = {
    re.compile(r"(?:p|eth|ethernet)?0*(\d+)/0*(\d+)", re.I): lambda m: (int(m[1]), int(m[2])),
    re.compile(r"swp(\d+)", re.I): lambda m: (int(m[1]), 0),
    re.compile(r"swp(\d+)s(\d)", re.I): lambda m: (int(m[1]), int(m[2]) + 1),
    re.compile(r"sw(\d+)p(\d)", re.I): lambda m: (int(m[1]), int(m[2])),
    re.compile(r"etp(\d+)", re.I): lambda m: (int(m[1]), 0),
    re.compile(r"etp(\d+)([a-h])", re.I): lambda m: (int(m[1]), ord(m[2].lower()) - ord("a") + 1),
}
"""Names by cage: printed, of Cumulus Linux, of NVOS, and of SONiC on switches of NVIDIA."""

RAIL = re.compile(r"rail(\d+)", re.I)
"""A host's port in a P2P file of Ethernet."""


@dataclass(frozen=True)
class Port:
    """One end of a cable of the plan."""

    end: End
    network: str
    index: int
    partner: End


class PortNames:
    """Every way to write a device and a port of the plan."""

    def __init__(self, cables: Iterable[Cable]) -> None:
        self._ports: dict[str, dict[str, Port]] = defaultdict(dict)
        for cable in cables:
            a, b = End(cable.a_device, cable.a_port), End(cable.b_device, cable.b_port)
            for end, other, index in ((a, b, cable.a_index), (b, a, cable.b_index)):
                self._ports[end.device][end.port.lower()] = Port(end, cable.network, index, other)
        self._devices = _devices(self._ports)

    def device(self, name: str) -> str:
        """The device of the plan; as it was written where the plan has none."""
        lower = name.lower().rstrip(".")
        found = self._devices.get(lower) or self._devices.get(lower.partition(".")[0])
        return found or name

    def at(self, end: End) -> Port | None:
        """The port of the plan that ``end`` is, as the plan writes it."""
        ports = self._ports.get(end.device)
        return ports.get(end.port.lower()) if ports else None

    def ports(self, device: str) -> Sequence[Port]:
        """All ports of a device of the plan that have a cable."""
        return tuple(self._ports[device].values()) if device in self._ports else ()

    def read(self, end: End) -> tuple[Port, ...]:
        """Ports that the name can mean by itself; several where only the network tells."""
        if exact := self.at(end):
            return (exact,)
        for form, cage in CAGES.items():
            if match := form.fullmatch(end.port):
                return self.in_cage(end.device, cage(match))
        if number := NUMBER.fullmatch(end.port) or RAIL.fullmatch(end.port):
            return self._numbered(end.device, int(number[1]))
        return ()

    def _numbered(self, device: str, number: int) -> tuple[Port, ...]:
        """Ports of that number: not ``bmc`` and ``mgmt``, of which a device has but one."""
        ports = self.ports(device)
        return tuple(it for it in ports if it.index == number and re.search(r"\d", it.end.port))

    def in_cage(self, device: str, cage: Cage) -> tuple[Port, ...]:
        """The port that is printed so, where the plan has it."""
        number, sub = cage
        found = self.at(End(device, f"p{number:02}/{sub}" if sub else f"p{number:02}"))
        return (found,) if found else ()


def _devices(names: Iterable[str]) -> Mapping[str, str]:
    """Full names, and first labels that one device alone has."""
    full = {name.lower(): name for name in names}
    labels: dict[str, set[str]] = defaultdict(set)
    for lower, name in full.items():
        labels[lower.partition(".")[0]].add(name)
    return {label: found.pop() for label, found in labels.items() if len(found) == 1} | full
