"""Tables of LLDP neighbours as switches print them.

``show lldp table`` of SONiC, ``net show lldp`` of Cumulus Linux 4 and ``nv show interface lldp`` of
Cumulus Linux 5: a line of headings, a line of dashes, a row a port. The line of dashes says where
the columns are. No table says which switch printed it: the prompt before it does, or the heading
that Ansible prints over each host's output, so one text may hold the tables of several switches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from bloomery.check.observed.neighbours import Neighbour, observed
from bloomery.check.observed.seen import Observed
from bloomery.errors import Fault, FaultsError

HEADINGS = {
    "localport": "port",
    "interface": "port",
    "remotedevice": "far",
    "remotehost": "far",
    "remoteportid": "far_port",
    "remoteport": "far_port",
    "remoteportdescr": "far_text",
}
"""Headings without their blanks, in lower case, and what stands below."""

NEEDED = {"port", "far", "far_port"}

PROMPT = re.compile(r"(?:[\w.-]+@(?P<host>[\w.-]+):\S*[$#]|(?P<ansible>\S+) \| \w+ \| rc=\d+ >>).*")
"""``admin@leaf-1:~$ show lldp table``, ``leaf-1 | CHANGED | rc=0 >>``."""

DASHES = re.compile(r"-+(?:\s+-+)+\s*")

AROUND = re.compile(r"Capability codes|Total entries displayed|-+\s*$")
"""What SONiC prints around its table."""

CUT = ("…", "...")
"""End of a text that did not fit into its column."""

Spans = Mapping[str, slice]
"""Where each column is."""


def is_lldp_table(text: str) -> bool:
    """Whether a table of neighbours is in it."""
    lines = text.splitlines()
    return any(_spans(*pair) for pair in pairwise(lines))


def parse_lldp_table(file: str, text: str, device: str) -> Observed:
    """Neighbours of ``device``, or of the devices that the text names."""
    reader = _Tables(file)
    rows = list(reader.rows(text.splitlines()))
    if not reader.tables:
        reason = "no table of LLDP neighbours"
        hint = "give what show lldp table, net show lldp or nv show interface lldp printed"
        raise FaultsError([Fault(file, 0, "(file)", reason, hint)])
    if reader.faults:
        raise FaultsError(reader.faults)
    return observed(file, rows, device, reader.asked)


def _spans(headings: str, dashes: str) -> Spans:
    """The columns below two lines; none where they begin no table of neighbours."""
    if not DASHES.fullmatch(dashes):
        return {}
    starts = [run.start() for run in re.finditer("-+", dashes)]
    ends = [*starts[1:], None]
    found: dict[str, slice] = {}
    for start, end in zip(starts, ends, strict=True):
        heading = headings[start:end].replace(" ", "").lower()
        if heading in HEADINGS:
            found.setdefault(HEADINGS[heading], slice(start, end))
    return found if set(found) >= NEEDED else {}


class _Tables:
    """Reads the tables of one text."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.faults: list[Fault] = []
        self.asked: list[str] = []
        """Devices that the text names."""
        self.tables = 0

    def rows(self, lines: Sequence[str]) -> Iterator[Neighbour]:
        """Neighbours in the order of the text."""
        device, port = "", ""
        spans: Spans = {}
        for number, line in enumerate(lines, 1):
            following = lines[number] if number < len(lines) else ""
            if prompt := PROMPT.fullmatch(line.strip()):
                device, spans = prompt["host"] or prompt["ansible"], {}
            elif found := _spans(line, following):
                spans, port = found, ""
                self.tables += 1
                self.asked += [device] if device else []
            elif spans and line.strip() and not DASHES.fullmatch(line) and not AROUND.match(line):
                cells = {name: line[span].strip() for name, span in spans.items()}
                port = cells["port"] or port
                yield from self._row(device, port, cells, number)

    def _row(
        self, device: str, port: str, cells: Mapping[str, str], line: int
    ) -> Iterator[Neighbour]:
        """A neighbour; none where the port has none."""
        if not cells["far"]:
            return
        cut = [name for name in sorted(NEEDED) if cells[name].endswith(CUT)]
        for name in cut:
            reason = f"{cells[name]!r} is cut off"
            hint = "print it into a file, or on a wider terminal"
            self.faults.append(Fault(self._file, line, name, reason, hint))
        if not port or not cells["far_port"]:
            hint = "give the row as it was printed"
            self.faults.append(Fault(self._file, line, "(row)", "a port is missing", hint))
        elif not cut:
            yield Neighbour(
                device, port, cells["far"], cells["far_port"], cells.get("far_text", ""), line
            )
