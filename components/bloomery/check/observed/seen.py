"""A cable as it was seen, with the words of whoever saw it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bloomery.errors import Fault

SWITCH = re.compile(r"MF0;(?P<name>[^:;]+)(?::.*)?")
"""Node description of a managed switch: ``MF0;name:MQM9700/U1``."""

ADAPTER = re.compile(
    r"(?P<name>\S+)\s+(?P<hca>(?:mlx\d+_|hca[-_]?|ibp|roce|rdma|bnxt_re)\w*)", re.I
)
"""Node description of an adapter as rdma-ndd writes it: host name, then the device."""


class End(NamedTuple):
    """One end of a cable."""

    device: str
    port: str

    def __str__(self) -> str:
        return f"{self.device} {self.port}"


class Seen(NamedTuple):
    """One cable as it was seen."""

    a: End
    b: End
    line: int
    """Line of the file, counted from 1."""
    by: str = ""
    """Device whose own neighbours these are; empty where the list is of whole networks."""
    file: str = ""


@dataclass(frozen=True)
class Observed:
    """Everything that was seen."""

    links: tuple[Seen, ...]
    devices: frozenset[str] = frozenset()
    """Devices that were asked for their neighbours, also those that have none."""


def merged(parts: Iterable[Observed]) -> Observed:
    """All of them in one."""
    found = tuple(parts)
    links = tuple(link for part in found for link in part.links)
    return Observed(links, frozenset[str]().union(*(part.devices for part in found)))


def described(device: str, port: str) -> End:
    """An end whose device is named by an InfiniBand node description, or plainly."""
    if switch := SWITCH.fullmatch(device):
        return End(switch["name"], port)
    if adapter := ADAPTER.fullmatch(device):
        return End(adapter["name"], f"{adapter['hca']}/P{port.lstrip('Pp')}")
    return End(device, port)


def once(seen: Sequence[Seen]) -> tuple[Seen, ...]:
    """Each cable once, as it was listed first."""
    return tuple({frozenset((s.a, s.b)): s for s in reversed(seen)}.values())[::-1]


def contradictions(file: str, seen: Sequence[Seen]) -> Iterator[Fault]:
    """One cable per port."""
    partners: dict[End, tuple[End, int]] = {}
    for cable in seen:
        for end, other in ((cable.a, cable.b), (cable.b, cable.a)):
            first, line = partners.setdefault(end, (other, cable.line))
            if first != other:
                reason = f"{end} is connected to {other}, but to {first} on line {line}"
                hint = "one cable per port: see which of the two lines is old"
                path = "a_port" if end == cable.a else "b_port"
                yield Fault(file, cable.line, path, reason, hint)
