"""Which tests may run side by side: those that share no addresses.

A group runs in one process, in its own order. Groups that take minutes begin first, so
that none of them is left over at the end with one core idle.
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent

LONG = (
    "lab/test_main_job.py",
    "roles",
    "lab/test_tutorial.py",
    "lab/test_kills.py",
    "lab/test_life.py",
    "lab/hosts",
    "lab/test_stuck.py",
)
"""Groups that take a minute and more on one core, longest first."""

SHARED = {
    "contract/redfish": "redfish",
    "unit/drivers/redfish": "redfish",
    "unit/lab": "lab/hosts",
    "unit/drivers/ansible": "roles",
    "unit/drivers/ssh": "unit/provider",
    "policies": "unit/evidence",
}
"""Folder -> group of the other tests that use the same block of addresses."""


def group_of(path: Path) -> str:
    """The group of a test file: its own in ``lab``, else that of its folder."""
    place = path.relative_to(HERE)
    folder = place.parent.as_posix()
    return place.as_posix() if folder == "lab" else SHARED.get(folder, folder)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put every test into its group; the long groups come first."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item.path)))
    items.sort(key=lambda item: _turn(group_of(item.path)))


def _turn(group: str) -> int:
    return LONG.index(group) if group in LONG else len(LONG)
