"""Labs that are taken down again, whatever the test did to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kit import Bench


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Makes benches; every one is down at the end, also when the test failed half-way."""
    made: list[Bench] = []

    def make(name: str, kind: str, count: int, rack: int = 1, block: int = 81) -> Bench:
        bench = Bench.make(tmp_path / name, f"hosts-{name}", kind, count, rack, block)
        made.append(bench)
        return bench

    yield make
    for bench in made:
        bench.down()
