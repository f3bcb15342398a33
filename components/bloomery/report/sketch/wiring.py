"""Boxes and lines of a drawn fabric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bloomery.plan.model import NetworkPlan
from bloomery.report.groups import Bundle, Grouping

PAGE = 1120.0
"""Width of a drawing where it fits."""


@dataclass(frozen=True)
class Box:
    """One block, or the leaves and machines of a unit together."""

    key: str
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    title: str
    """Told in full when pointed at."""
    tier: str
    """Class of the style: ``crown``, ``spine`` or ``unit``."""


@dataclass(frozen=True)
class Line:
    """One bundle."""

    x1: float
    y1: float
    x2: float
    y2: float
    label: str
    """Empty where it has no room."""
    title: str
    weight: float
    """Width of the stroke."""
    dark: bool


@dataclass(frozen=True)
class Drawing:
    """One network."""

    network: str
    sums: NetworkPlan | None
    growth: str
    """What a bigger one costs, and when growing re-cables; empty where nothing is to say."""
    grouping: Grouping
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: float
    height: float


def line(low: Box, high: Box, x1: float, x2: float, bundles: Sequence[Bundle], label: str) -> Line:
    """From the top of the lower box to the bottom of the higher one."""
    cables = sum(bundle.cables for bundle in bundles)
    dark = sum(bundle.dark for bundle in bundles)
    words = f"{low.title} to {high.title}: {cables:,} cables of {bundles[0].speed_gbps:g} Gb/s"
    title = f"{words}, {dark:,} of them dark" if dark else words
    y1, y2 = low.y, high.y + high.height
    if low.y == high.y:  # side by side: from edge to edge
        left, right = sorted((low, high), key=lambda box: box.x)
        x1, x2, y1, y2 = left.x + left.width, right.x, low.y + 30, low.y + 30
    return Line(x1, y1, x2, y2, label, title, _weight(cables), dark == cables)


def _weight(cables: int) -> float:
    """Thicker for more cables, by magnitude: 8 cables 2, 256 cables 4.5."""
    return round(min(6.0, cables.bit_length() / 2), 1)
