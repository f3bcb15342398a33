"""What ``ibnetdiscover`` prints: a section a switch, adapter or router, a line a port.

Format: manual page ``ibnetdiscover(8)``, "Topology file format". Every cable of a subnet is listed
from both of its ends; devices are named by their node descriptions. Aggregation nodes of SHARP are
inside a switch and no cable goes to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bloomery.check.observed.seen import (
    ADAPTER,
    SWITCH,
    End,
    Observed,
    Seen,
    contradictions,
    described,
    once,
)
from bloomery.errors import Fault, FaultsError

NODE = re.compile(r'(?P<kind>Switch|Ca|Rt)\s+\d+\s+"(?P<id>[^"]+)"\s*#\s*"(?P<name>.*?)"')
"""First line of a section."""

PORT = re.compile(
    r"\[(?P<port>\d+)\](?:\[ext \w+\])?(?:\([0-9a-fA-F]+\))?\s+"
    r'"(?P<id>[^"]+)"\[(?P<far>\d+)\](?:\[ext \w+\])?(?:\([0-9a-fA-F]+\))?'
    r'\s*(?:#[^"]*"(?P<name>.*?)".*)?'
)
"""One port with what is at the other end."""

OTHER = re.compile(
    r"#|(?:vendid|devid|sysimgguid|switchguid|caguid|rtguid)=|Chassis \d|DR path"
    r"|ib(?:warn|error|panic)"
)
"""Lines that name no port: comments, numbers of a device, and what the tool says to stderr."""

INNER = "Aggregation Node"
"""End of the node description of an aggregation node."""


@dataclass(frozen=True)
class _Line:
    """A port of a section."""

    node: str
    port: str
    far: str
    far_port: str
    number: int


def is_ibnetdiscover(text: str) -> bool:
    """Whether a section of a switch or an adapter is in it."""
    return any(NODE.match(line) for line in text.splitlines())


def parse_ibnetdiscover(file: str, text: str) -> Observed:
    """Cables of the subnet, each once. Raises FaultsError with everything that is wrong."""
    faults: list[Fault] = []
    names: dict[str, str] = {}
    ports = list(_ports(file, text, names, faults))
    names = {node: name for node, name in names.items() if not name.endswith(INNER)}
    seen = [
        Seen(_end(p.node, p.port, names), _end(p.far, p.far_port, names), p.number, file=file)
        for p in ports
        if p.node in names and p.far in names
    ]
    faults += contradictions(file, seen)
    if faults:
        raise FaultsError(sorted(faults, key=lambda fault: fault.line))
    return Observed(once(seen))


def _ports(file: str, text: str, names: dict[str, str], faults: list[Fault]) -> Iterator[_Line]:
    """Ports in the order of the file; ``names`` gets the description of every node."""
    node = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or OTHER.match(line):
            continue
        if head := NODE.match(line):
            node = head["id"]
            names[node] = head["name"].strip()
        elif (port := PORT.fullmatch(line)) and node:
            names.setdefault(port["id"], (port["name"] or port["id"]).strip())
            yield _Line(node, port["port"], port["id"], port["far"], number)
        else:
            reason = f"no line of ibnetdiscover: {line[:60]!r}"
            hint = "give its output whole, as printed without options"
            faults.append(Fault(file, number, "(line)", reason, hint))


def _end(node: str, port: str, names: Mapping[str, str]) -> End:
    """A port; of an adapter whose description does not tell which it is, by its GUID."""
    name = names[node]
    if node.startswith("H-") and not ADAPTER.fullmatch(name) and not SWITCH.fullmatch(name):
        return End(name, f"{node.removeprefix('H-')}/P{port}")
    return described(name, port)
