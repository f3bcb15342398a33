"""Bytes per node, apart from the bytes a stack of no node has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.row import BenchError
from bench.state_size import by_type, line


def test_the_line_finds_slope_and_fixed_part() -> None:
    slope, fixed = line({count: 15_000 + 1_900 * count for count in (10, 50, 150)})
    assert (round(slope), round(fixed)) == (1_900, 15_000)


def test_one_size_is_no_line() -> None:
    with pytest.raises(BenchError):
        line({10: 1})


def test_bytes_are_told_by_type_without_the_small_ones(tmp_path: Path) -> None:
    node = {"type": "bloomery:metal:Node", "inputs": {"x": "y" * 500}}
    small = {"type": "bloomery:site:Site"}
    state = tmp_path / "stack.json"
    state.write_text(json.dumps({"checkpoint": {"latest": {"resources": [*[node] * 20, small]}}}))
    assert by_type(state) == {"Node": 20 * len(json.dumps(node, separators=(",", ":")))}
