"""Where in the text of a YAML file each value stands, so that one can be changed in place.

A file that people wrote is edited, never written anew: comments, order and layout stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from bloomery.site.reading.document import Path


@dataclass(frozen=True)
class Position:
    """A piece of text, by the index of its first character and of the one after its last."""

    start: int
    end: int


class ScalarPosition(Position):
    """The piece of a plain value: no mapping, no list."""


def positions(text: str) -> dict[Path, Position]:
    """Where each value of ``text`` stands; that of a mapping or list ends with its last value.

    ``text`` is YAML that ``document.parse`` reads without a fault.
    """
    found: dict[Path, Position] = {}
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    if root is not None:
        _collect(root, (), found)
    return found


def _collect(node: yaml.Node, path: Path, found: dict[Path, Position]) -> int:
    end = node.start_mark.index
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            end = _collect(value, (*path, str(key.value)), found)
    elif isinstance(node, yaml.SequenceNode):
        for at, item in enumerate(node.value):
            end = _collect(item, (*path, at), found)
    if not isinstance(node, yaml.CollectionNode) or node.flow_style:
        # A block's own end mark lies behind the comments that follow it.
        end = node.end_mark.index
    piece = ScalarPosition if isinstance(node, yaml.ScalarNode) else Position
    found[path] = piece(node.start_mark.index, end)
    return end


def edit(text: str, changes: Mapping[Position, str]) -> str:
    """``text`` with each position replaced. Positions do not overlap."""
    for position in sorted(changes, key=lambda position: position.start, reverse=True):
        text = text[: position.start] + changes[position] + text[position.end :]
    return text


def lines_of(text: str, first: int, position: Position) -> Position:
    """The whole lines from number ``first`` to the one in which ``position`` ends."""
    start = sum(len(line) for line in text.splitlines(keepends=True)[: first - 1])
    end = text.find("\n", position.end)
    return Position(start, len(text) if end < 0 else end + 1)
