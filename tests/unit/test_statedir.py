"""Where a site keeps its files."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from bloomery.statedir import StateDir, cache_root, state_root

ACCOUNT = pwd.getpwuid(os.getuid()).pw_dir
"""Home of whoever runs the tests, as the system knows it."""


@pytest.mark.parametrize(
    ("env", "state", "cache"),
    [
        (
            {"BLOOMERY_STATE": "/s", "BLOOMERY_CACHE": "/c", "XDG_STATE_HOME": "/x", "HOME": "/h"},
            "/s",
            "/c",
        ),
        (
            {"XDG_STATE_HOME": "/x", "XDG_CACHE_HOME": "/y", "HOME": "/h"},
            "/x/bloomery",
            "/y/bloomery",
        ),
        ({"HOME": "/h"}, "/h/.local/state/bloomery", "/h/.cache/bloomery"),
        ({"HOME": "/h", "XDG_STATE_HOME": ""}, "/h/.local/state/bloomery", "/h/.cache/bloomery"),
        ({}, f"{ACCOUNT}/.local/state/bloomery", f"{ACCOUNT}/.cache/bloomery"),
    ],
)
def test_roots(env: dict[str, str], state: str, cache: str) -> None:
    assert state_root(env) == Path(state)
    assert cache_root(env) == Path(cache)


def places(state: StateDir) -> dict[str, Path]:
    names = [name for name, value in vars(StateDir).items() if isinstance(value, property)]
    return {name: getattr(state, name) for name in names}


def test_everything_of_a_site_stands_under_one_directory_and_apart() -> None:
    state = StateDir.of("lab", {"BLOOMERY_STATE": "/s"})
    assert state.path == Path("/s/lab")
    found = places(state)
    assert len(found) >= 12
    assert len(set(found.values())) == len(found)
    for name, path in found.items():
        assert path.parent == state.path, name


def test_nothing_is_opened_or_made(tmp_path: Path) -> None:
    places(StateDir.of("lab", {"BLOOMERY_STATE": str(tmp_path)}))
    assert list(tmp_path.iterdir()) == []
