"""Files into plain values: text stays text until somebody asks for a number with a unit."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CATALOGUE = Path(__file__).parents[3] / "components" / "bloomery" / "catalogue" / "data"

Tree = Mapping[str, Any]
"""A parsed file, or a part of one: what is in it is for the reader to know."""

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Scalars stay text; by libyaml where it is there, since hundreds of files are read."""

FACTORS = {
    "W": ("kW", "0.001"),
    "MW": ("kW", "1000"),
    "C": ("°C", "1"),
    "Mb/s": ("Gb/s", "0.001"),
    "Tb/s": ("Gb/s", "1000"),
    "cm": ("m", "0.01"),
    "km": ("m", "1000"),
    "t": ("kg", "1000"),
    "kV": ("V", "1000"),
    "L/s": ("L/min", "60"),
    "m3/h": ("L/min", "50/3"),
    "m3": ("L", "1000"),
    "Pa": ("kPa", "0.001"),
    "bar": ("kPa", "100"),
    "psi": ("kPa", "6.894757"),
    "ms": ("s", "0.001"),
    "min": ("s", "60"),
    "h": ("s", "3600"),
}
"""Unit as written -> the field's own unit, and what one of it is worth."""


@dataclass(frozen=True)
class Files:
    """One site as its two files say."""

    sheet: Tree
    machines: tuple[Mapping[str, str], ...]


def read_site(folder: Path) -> Files:
    text = (folder / "site.yaml").read_text(encoding="utf-8")
    with (folder / "machines.csv").open(newline="", encoding="utf-8") as file:
        rows = tuple(csv.DictReader(file))
    return Files(yaml.load(text, LOADER), rows)


@cache
def catalogue(kind: str) -> Mapping[str, Tree]:
    """Entries of one folder of the catalogue, by key."""
    paths = sorted((CATALOGUE / kind).glob("*.yaml"))
    entries = (yaml.load(path.read_text(encoding="utf-8"), LOADER) for path in paths)
    return {entry["key"]: entry for entry in entries}


def exact(written: object) -> Fraction:
    """The number that is written, in the field's own unit."""
    return _exact(str(written))


@cache
def _exact(written: str) -> Fraction:
    found = re.fullmatch(r"\s*([-+]?[0-9.]+(?:[eE][-+]?\d+)?)\s*(\S*)\s*", written)
    if found is None:
        raise ValueError(f"{written!r} is no number")
    _, factor = FACTORS.get(found.group(2), ("", "1"))
    return Fraction(found.group(1)) * Fraction(factor)


def share(written: object) -> Fraction:
    """A part of one: ``85 %`` or ``0.85``."""
    text = str(written)
    return exact(text.rstrip("% ")) / (100 if text.endswith("%") else 1)


def figure(entry: Tree, key: str) -> Fraction:
    """A figure of a catalogue entry; 0 where it has none."""
    found = entry.get(key)
    return exact(found["value"]) if isinstance(found, Mapping) else Fraction(0)


def own_or(own: Tree, entry: Tree, key: str) -> Fraction:
    """The site's own figure, else the catalogue's, else 0."""
    return exact(own[key]) if key in own else figure(entry, key)


def names(written: object) -> list[str]:
    """Rack names of a list with spans: ``[r01..r03, A09-L]``."""
    assert isinstance(written, list)
    found: list[str] = []
    for item in written:
        first, dots, last = str(item).partition("..")
        found += _span(first, last) if dots else [first]
    return found


def _span(first: str, last: str) -> list[str]:
    """What lies between two names that differ in one number."""
    start, end = re.findall(r"\d+|\D+", first), re.findall(r"\d+|\D+", last)
    assert len(start) == len(end)
    at = [number for number, text in enumerate(start) if text.isdigit()][-1]
    for number, text in enumerate(start):
        if text != end[number]:
            at = number
    width = len(start[at])
    return [
        "".join([*start[:at], str(number).zfill(width), *start[at + 1 :]])
        for number in range(int(start[at]), int(end[at]) + 1)
    ]


def tail(name: str) -> int:
    """The number at the end of a name, a domain left out; 0 where there is none."""
    found = re.search(r"\d+$", name.split(".", maxsplit=1)[0])
    return int(found.group()) if found else 0


def machine_number(row: Mapping[str, str]) -> int:
    """What the column says, else the name."""
    return int(row.get("number") or tail(row["name"]))


def plain_number(name: str) -> int | None:
    """What a name of small letters with one number at its end says; None of any other."""
    plain = re.fullmatch(r"[a-z][a-z-]*(\d{1,4})", name)
    return int(plain[1]) if plain else None


def rack_numbers(sheet: Tree) -> dict[str, int]:
    """What addresses are multiples of: a written number counts through its span; a small-letter
    name with one number at its end brings its own where that is free; all others follow the highest
    so far."""
    found: dict[str, int] = {}
    for entry in sheet["racks"]:
        for at, name in enumerate(names([entry["name"]])):
            own = plain_number(name)
            if "number" in entry:
                found[name] = int(entry["number"]) + at
            elif own is not None and own not in found.values():
                found[name] = own
            else:
                found[name] = max(found.values(), default=0) + 1
    return found


def row_number(distances: Tree, row: str) -> int:
    """Its place in the list of rows, or the number in its name."""
    listed = distances.get("rows")
    return listed.index(row) if listed else tail(row)


@dataclass(frozen=True)
class RackEntry:
    """One rack as it is written, a span taken apart."""

    name: str
    entry: Tree
    place: int

    @property
    def row(self) -> str:
        return str(self.entry.get("row", ""))


def racks(sheet: Tree) -> dict[str, RackEntry]:
    found: dict[str, RackEntry] = {}
    for entry in sheet["racks"]:
        for at, name in enumerate(names([entry["name"]])):
            first = int(entry.get("place", 0))
            found[name] = RackEntry(name, entry, first + at if first else 0)
    return found
