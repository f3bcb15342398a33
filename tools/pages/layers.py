"""``docs/pictures/layers.svg``: the layers of a site, what each holds, and what waits for it."""

from __future__ import annotations

import ast
from pathlib import Path

import bloomery
from bloomery.nouns import CARRYING, LAYERS, layer_of
from bloomery.runs.registry import run_kinds

WIDTH, ROW, GAP, TOP = 960, 64, 30, 60
"""Sizes of the drawing, in pixels: width, height of a layer, space between two, head."""

STYLE = (
    'text { font-family: -apple-system, "Segoe UI", "DejaVu Sans", Helvetica, Arial, sans-serif; '
    "fill: #1f2933; font-size: 13.5px; } .name { font-size: 16px; font-weight: 600; } "
    ".note { fill: #52606d; font-size: 12.5px; } .box { fill: #fff; stroke: #cbd2d9; } "
    ".gate { fill: #2f855a; } .light { fill: #fff; font-size: 12px; } "
    ".wire { fill: none; stroke: #7b8794; stroke-width: 1.6; }"
)


def picture() -> str:
    """The drawing as SVG, the first layer on top."""
    height = TOP + len(LAYERS) * (ROW + GAP) + ROW
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img" aria-labelledby="title desc">',
            '  <title id="title">Layers of a site in the order they are brought up</title>',
            f'  <desc id="desc">{_described()}</desc>',
            f"  <style>{STYLE}</style>",
            '  <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
            'markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#7b8794"/></marker>'
            "</defs>",
            f'  <rect width="{WIDTH}" height="{height}" rx="10" fill="#f5f7fa"/>',
            f'  <text class="note" x="32" y="{TOP - 24}">Top to bottom: a layer begins when the '
            "one above it is done. Green: a Layer resource, which fails when nothing in it works."
            "</text>",
            *(line for number, layer in enumerate(LAYERS) for line in _layer(number, layer)),
            *_end(len(LAYERS)),
            "</svg>\n",
        )
    )


def _described() -> str:
    gated = ", ".join(CARRYING)
    return (
        f"The layers from first to last are {', '.join(LAYERS)}. A Layer resource ends each of "
        f"{gated}: nothing above it begins before it is there. The acceptance comes last."
    )


def _top(number: int) -> int:
    return TOP + number * (ROW + GAP)


def _layer(number: int, layer: str) -> list[str]:
    top = _top(number)
    kinds = [kind for kind in run_kinds().values() if _runs_in(kind.noun, layer)]
    runs = ", ".join(kind.name for kind in kinds) or "none yet"
    lines = [
        f'  <rect class="box" x="32" y="{top}" width="896" height="{ROW}" rx="8"/>',
        f'  <text class="name" x="52" y="{top + 38}">{layer}</text>',
        f'  <text x="190" y="{top + 28}">{_component(layer)}</text>',
        f'  <text class="note" x="190" y="{top + 48}">runs: {runs}</text>',
        f'  <path class="wire" d="M96 {top + ROW}V{top + ROW + GAP - 2}" marker-end="url(#tip)"/>',
    ]
    if layer in CARRYING:
        lines += [
            f'  <rect class="gate" x="760" y="{top + 18}" width="148" height="28" rx="14"/>',
            f'  <text class="light" x="834" y="{top + 37}" text-anchor="middle">'
            f"Layer {layer}</text>",
        ]
    else:
        lines.append(
            f'  <text class="note" x="908" y="{top + 37}" text-anchor="end">'
            "each run waits for its own machines</text>"
        )
    return lines


def _component(layer: str) -> str:
    """Name of the component that a layer registers, and what it is."""
    noun, only = ("metal", " (management pools)") if layer == "base" else (layer, "")
    file = Path(bloomery.__file__).parent / noun / "component.py"
    made = next(node for node in ast.parse(file.read_text()).body if isinstance(node, ast.ClassDef))
    said = (ast.get_docstring(made) or "").split(". ")[0].partition("\n")[0].rstrip(".")
    return f"{made.name}{only}: {said[0].lower()}{said[1:]}"


def _runs_in(noun: str, layer: str) -> bool:
    return layer in (noun, layer_of(noun, "management"))


def _end(number: int) -> list[str]:
    top = _top(number)
    return [
        f'  <rect class="box" x="32" y="{top}" width="896" height="{ROW - 12}" rx="8"/>',
        f'  <text class="name" x="52" y="{top + 32}">Acceptance</text>',
        f'  <text x="190" y="{top + 32}">measures every claim of every component; '
        "fails the update and names what did not pass</text>",
    ]
