"""Shipped sites with one value replaced by a hostile one: which value, where, in which file.

Every key that a site writes is changed, each item of a list as the first of its kind. Only texts
are handled here: nothing knows what a key means, so that nothing is spared.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import yaml

NUMBERS = (
    *("0", "-0", "-1", "1_000", "9" * 49, "9" * 5000, "1e999", "-1e999", "nan", ".inf", "-inf"),
    *("1e21", "1e-9", "1e9", "1e12", "1e-320", "1000000", "65535", "65536", "0x10", "1.5", "1,5"),
    *("٣", "１２", "+5", "1", "2", "1024", "100 %", "0 %", "1 kW", "1e300 kW", "-41 °C", "0.1 s"),
    *("1e-9 kW", "1e-9 L/min", "1e-9 K", "1e9 TB", "1e8 h", "120 °C", "1e7 kW", "1e-9 GB/s"),
)
ADDRESSES = (
    *("10.40.255.255", "10.40.0.0", "10.20.0.0", "10.20.255.255", "0.0.0.0", "255.255.255.255"),
    *("10.77.255.255", "127.77.0.0", "10.20.1.1:84800", "10.20.1.1:-1", "10.20.1.1:0", "1.2.3"),
    *(
        "0.0.0.0/0",
        "255.255.255.255/32",
        "255.255.0.0/16",
        "10.0.0.0/31",
        "10.0.0.0/8",
        "1.0.0.0/99",
    ),
    *("223.255.0.0/16", "::1", "10.20.0.1%lo", "１０.1.1.1"),
)
URLS = (
    *(f"https://10.40.0.2:{port}" for port in ("84800", "-8480", "0", "x", "", "９", "9" * 5000)),
    *(
        "https://u:p@h",
        "https://[::1",
        "http://[::g]:1",
        "http://\u2100.example",
        "ftp://h",
        "http://",
    ),
    *("http://h h", "http://10.40.255.255", "https://[fd00::1]:1", "http://h?x", "https://a\\@b"),
)
WORDS = (
    *("", " ", "true", "null", "~", "x", "é\u202e", "\ud800", "\U0001f4a9", "\x00", "a\nb", "a b"),
    *("a" * 300, "../../etc", "${x}", "{{ 1 }}", "%s", "TO-FILL", "r0", "r9999", "r0000..r9999"),
    *(
        "r01..r99999",
        "r2..r1",
        "r01..x02",
        "r１",
        "2026-02-30",
        "２０２６-01-01",
        "1." * 500,
        "R01",
    ),
)
SHAPES = (
    "[]",
    "{}",
    "[a]",
    "{a: b}",
    "[[]]",
    "",
    "[1, 2]",
    "{a: {b: [c]}}",
    "- x",
    "!!int 5",
    "*x",
)
"""What replaces a value as it is, without quotes: a wrong type, or no YAML at all."""

VALUES = (*NUMBERS, *ADDRESSES, *URLS, *WORDS)

PLACES = ("name", "pool", "rack", "unit")
"""Columns of a machine that nobody has delivered yet."""

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Case:
    """One change of one site."""

    site: str
    place: str
    value: str
    sheet: str
    rows: str
    draft: bool = False

    def __str__(self) -> str:
        return f"{self.site} {self.place} = {self.value[:60]!r}"


def cases(folder: Path, seed: int, at_most: int | None = None) -> Iterator[Case]:
    """Each key of the site in ``folder`` with one hostile value: a digest of ``seed`` says which.

    With ``at_most``, so many of them, spread over both files.
    """
    found = [*_of_sheet(folder, seed), *_of_rows(folder, seed)]
    if at_most is not None and at_most < len(found):
        found = Random(f"which {folder.name} {seed}").sample(found, at_most)
    yield from found


def _of_sheet(folder: Path, seed: int) -> Iterator[Case]:
    sheet, rows = _read(folder)
    for place, node in _one_of_each(yaml.compose(sheet, Loader=yaml.BaseLoader)):
        random = Random(f"{folder.name} {place} {seed}")
        value, text = _hostile(random, node)
        start, end = node.start_mark.index, _end(node)
        changed = sheet[:start] + text + sheet[end:]
        yield Case(folder.name, place, value, changed, rows)


def _of_rows(folder: Path, seed: int) -> Iterator[Case]:
    sheet, rows = _read(folder)
    table = list(csv.reader(rows.splitlines()))
    for at, column in enumerate(table[0]):
        for draft in (False, True) if column in PLACES else (False,):
            random = Random(f"{folder.name} {column} {draft} {seed}")
            line = random.randrange(1, len(table))
            # A file of UTF-8 holds no half of a pair, and a row ends with its line.
            others = [it for it in VALUES if it.isprintable() and it != table[line][at]]
            value = random.choice(others)
            keep = PLACES if draft else table[0]
            row = [
                it if name in keep else "" for name, it in zip(table[0], table[line], strict=True)
            ]
            row[at] = value
            changed = [*table[:line], row, *table[line + 1 :]]
            yield Case(folder.name, f"machines.csv {column}", value, sheet, _csv(changed), draft)


def _read(folder: Path) -> tuple[str, str]:
    return tuple((folder / name).read_text("utf-8") for name in ("site.yaml", "machines.csv"))  # type: ignore[return-value]


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _hostile(random: Random, node: yaml.Node) -> tuple[str, str]:
    """A value and how it is written; most often one of the kind that stands there."""
    written = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
    if not written or random.randrange(8) == 0:
        value = random.choice(SHAPES)
        return value, value
    kind = NUMBERS if written[0].isdigit() else WORDS
    kind = ADDRESSES if written.count(".") == 3 else URLS if "://" in written else kind
    value = random.choice(kind if random.randrange(3) else VALUES)
    return value, json.dumps(value)


def _one_of_each(root: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    """Each key, and of the items of a list one that has it."""
    seen: set[str] = set()
    for place, node in _nodes(root, ""):
        if place and place not in seen:
            seen.add(place)
            yield place, node


def _nodes(node: yaml.Node, place: str) -> Iterator[tuple[str, yaml.Node]]:
    yield place, node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _nodes(value, f"{place}.{key.value}".lstrip("."))
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _nodes(item, f"{place}[]")


def _end(node: yaml.Node) -> int:
    """Where the last value of ``node`` ends: a block's own mark stands behind its comments."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)
