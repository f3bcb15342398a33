"""Reading, planning and checking a site against only reading its files."""

from __future__ import annotations

import csv
import hashlib
import statistics
import tempfile
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import yaml

from bench.results import ROOT
from bench.rounds import Say, paired
from bench.row import BenchError, Figure, Row
from bloomery.check import review
from bloomery.plan import make_plan
from bloomery.site import load
from bloomery.site.metal.delivery import HEADER

MEANING = (
    "load, plan and check of a site; theirs: yaml.safe_load and csv of the same two files, "
    "which no planner can be faster than. Sites are example-64, and it with more racks"
)

EXAMPLE = ROOT / "inventories" / "example-64"

UNITS = (1, 11, 21, 31)
"""Lowest units of the four machines of a rack; the example's larger model is 10 U."""


def rows(say: Say, *, quick: bool) -> Iterator[Row]:
    """One row a size, then how the cost of a node grows."""
    rounds = 3 if quick else 7
    each: dict[int, tuple[float, ...]] = {}
    with tempfile.TemporaryDirectory(prefix="bloomery-bench-") as folder:
        for count in (64, 256) if quick else (64, 128, 256, 512, 1024):
            site = EXAMPLE if count == 64 else grown(Path(folder), count)
            repeat = max(1, 1024 // count)
            pair = paired(partial(full, site), partial(floor, site), rounds, _quiet, repeat=repeat)
            each[count] = tuple(value / count for value in pair.ours.values)
            micro = statistics.median(each[count]) * 1e6
            say(f"{count} nodes: {micro:.0f} µs a node")
            yield Row(
                "load, plan, check",
                f"{count} nodes",
                pair.ours,
                pair.theirs,
                note=f"{micro:.0f} µs a node",
                extra={**pair.extra, "us_per_node": micro},
            )
    least, most = min(each), max(each)
    yield Row(
        "a node, most : fewest",
        f"{least}-{most}",
        Figure(each[most], "s"),
        Figure(each[least], "s"),
    )


def _quiet(line: str) -> None:
    """Rounds of milliseconds are not worth a line each."""


def full(site: Path) -> None:
    """What a programme does before it registers its first resource."""
    notes = review(make_plan(load(site)))
    errors = [str(note) for note in notes if note.severity == "error"]
    if errors:
        raise BenchError(f"the site of the bench does not hold: {errors[0]}")


def floor(site: Path) -> None:
    """The same two files, read and not looked at."""
    yaml.safe_load((site / "site.yaml").read_text(encoding="utf-8"))
    with (site / "machines.csv").open(newline="", encoding="utf-8") as file:
        list(csv.DictReader(file))


def grown(folder: Path, count: int) -> Path:
    """The example with ``count`` machines: networks wide enough, four machines a rack."""
    place = folder / f"example-{count}"
    place.mkdir()
    sheet = yaml.safe_load((EXAMPLE / "site.yaml").read_text(encoding="utf-8"))
    racks = range(1, count // len(UNITS) + 1)
    sheet |= {
        "site": place.name,
        "networks": {
            "oob": {"cidr": "10.16.0.0/13", "controller": "10.16.0.1"},
            "provisioning": {"cidr": "10.32.0.0/13", "gateway": "10.32.0.1"},
        },
        "depot": {"url": "https://10.32.0.2:8480", "media": "https://10.16.0.2:8480/media"},
        "racks": [{"name": f"r{rack:03}", "units": 48, "power_kw": 64} for rack in racks],
    }
    (place / "site.yaml").write_text(yaml.safe_dump(sheet, sort_keys=False), encoding="utf-8")
    rows_ = [_machine(rack, unit) for rack in racks for unit in UNITS]
    text = "\n".join([HEADER, *rows_]) + "\n"
    (place / "machines.csv").write_text(text, encoding="utf-8")
    return place


def _machine(rack: int, unit: int) -> str:
    pool = "h100" if rack % 4 == 0 else "b200"
    name = f"{pool}-r{rack:03}-u{unit:02}"
    digest = hashlib.sha256(name.encode()).hexdigest()
    high, low = divmod(rack, 256)
    return ",".join(
        (
            name,
            pool,
            f"r{rack:03}",
            str(unit),
            f"02:40:00:{high:02x}:{low:02x}:{unit:02x}",
            f"10.{16 + high}.{low}.{unit}",
            hashlib.sha256(f"certificate of {name}".encode()).hexdigest(),
            f"GROWN-{digest[:10].upper()}",
            str(uuid.UUID(digest[:32], version=4)),
        )
    )
