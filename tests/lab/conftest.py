"""Stories need the lab to be taken away again, also when a test fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab_under_test import Story


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Callable[..., Story]]:
    """Begin stories; their labs are taken away at the end."""
    begun: list[Story] = []

    def begin(name: str, patience: float = 0.05) -> Story:
        begun.append(Story.begin(tmp_path, name, patience))
        return begun[-1]

    yield begin
    for each in begun:
        each.lab_down()
        each.sweep()
