"""Bytes of Pulumi state a node costs, with the part that does not grow set apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from bench.filled import Shelf
from bench.rounds import Say
from bench.row import BenchError, Figure, Row, Target

MEANING = (
    "bytes of the stack's state in a backend of files, per node; theirs: the same per bare "
    "custom resource with the same inputs. The growth leaves out what a stack of no node has"
)

TARGET = Target(2048, of="ours", strict=True)
"""Issue 3, section 8: less than 2 KB a node."""


def rows(shelf: Shelf, say: Say, *, quick: bool) -> Iterator[Row]:
    """Whole state by size, then the growth per node and the fixed part."""
    counts = (10, 50) if quick else (10, 50, 150, 500)
    ours: dict[int, int] = {}
    bare: dict[int, int] = {}
    for count in counts:
        filled = shelf.get(count)
        ours[count] = filled.ours.state_file.stat().st_size
        bare[count] = filled.bare.state_file.stat().st_size
        say(f"{count} nodes: {ours[count]} B, {bare[count]} B bare")
        yield Row(
            "state by nodes",
            f"{count} nodes",
            Figure((ours[count] / count,), "B"),
            Figure((bare[count] / count,), "B"),
        )
    mine, my_fixed = line(ours)
    other, other_fixed = line(bare)
    span = f"{counts[0]}-{counts[-1]}"
    parts = by_type(shelf.get(counts[-1]).ours.state_file)
    told = ", ".join(f"{name} {size / counts[-1]:.0f} B" for name, size in parts.items())
    yield Row(
        "growth per node",
        span,
        Figure((mine,), "B"),
        Figure((other,), "B"),
        TARGET,
        note=f"of which by resource type: {told}",
        extra={"bytes_by_type": parts, "bytes_by_size": ours, "bare_bytes_by_size": bare},
    )
    yield Row("fixed part", span, Figure((my_fixed,), "B"), Figure((other_fixed,), "B"))


def line(sizes: dict[int, int]) -> tuple[float, float]:
    """Bytes per node and fixed bytes: the least-squares line through ``nodes -> bytes``."""
    if len(sizes) < 2:
        raise BenchError("a line needs two sizes")
    count = len(sizes)
    mean_x, mean_y = sum(sizes) / count, sum(sizes.values()) / count
    spread = sum((x - mean_x) ** 2 for x in sizes)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in sizes.items()) / spread
    return slope, mean_y - slope * mean_x


def by_type(state: Path) -> dict[str, int]:
    """Bytes of all resources of each type that has more than a hundredth of them."""
    checkpoint = json.loads(state.read_text(encoding="utf-8"))["checkpoint"]
    found: dict[str, int] = {}
    for resource in checkpoint["latest"]["resources"]:
        name = str(resource["type"]).rpartition(":")[2]
        size = len(json.dumps(resource, separators=(",", ":")))
        found[name] = found.get(name, 0) + size
    least = sum(found.values()) / 100
    ordered = sorted(found.items(), key=lambda item: -item[1])
    return {name: size for name, size in ordered if size >= least}
