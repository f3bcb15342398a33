"""``topology.dot``: every network as blocks and bundles, for Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from bloomery.plan.model import Plan
from bloomery.report.files.sheet import number
from bloomery.report.groups import Block, Bundle, Grouping, groupings

HEAD = """\
// One box is all devices at one place, one line all cables between two boxes.
graph site {
  graph [rankdir=BT, ranksep=1.2, nodesep=0.3, splines=line, fontname="sans-serif"];
  node [shape=box, style="rounded,filled", fillcolor="#f3f1ec", fontname="sans-serif"];
  edge [color="#5c636d", fontsize=10, fontname="sans-serif"];
"""


def topology_dot(plan: Plan) -> bytes:
    """The whole site as one undirected graph, one cluster a network."""
    lines = [line for grouping in groupings(plan) for line in _network(grouping)]
    return (HEAD + "".join(f"  {line}\n" for line in lines) + "}\n").encode()


def _network(grouping: Grouping) -> Iterator[str]:
    yield f"subgraph {_quoted(f'cluster_{grouping.network}')} {{"
    yield f"  label={_quoted(grouping.network)};"
    for block in grouping.blocks:
        yield f"  {_quoted(block.place.key)} [label={_quoted(_words(block))}];"
    for bundle in grouping.bundles:
        yield f"  {_quoted(bundle.low.key)} -- {_quoted(bundle.high.key)} {_line(bundle)};"
    yield "}"


def _words(block: Block) -> str:
    place = block.place
    over = [f"pod {place.pod}"] if place.pod else []
    over += [f"SU {place.su}"] if place.su else []
    name = block.devices[0] if len(block.devices) == 1 else block.words
    return "\n".join(part for part in (", ".join(over), name, block.model) if part)


def _line(bundle: Bundle) -> str:
    words = f"{bundle.cables} x {number(bundle.speed_gbps)}G"
    dark = ", style=dashed" if bundle.dark == bundle.cables else ""
    return f"[label={_quoted(words)}{dark}]"


def _quoted(text: str) -> str:
    """A string of the DOT language; a line break becomes ``\\n``."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
