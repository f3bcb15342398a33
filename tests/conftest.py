"""Which tests may run side by side, those that share no addresses; and who clears up.

A group runs in one process, in its own order. Groups that take minutes begin first, so
that none of them is left over at the end with one core idle.
"""

from __future__ import annotations

from pathlib import Path

import leftovers
import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

HERE = Path(__file__).parent

LONG = (
    "lab/test_main_job.py",
    "lab/test_kills.py",
    "lab/hosts/test_metal.py",
    "lab/test_life.py",
    "roles",
    "lab/test_membership.py",
    "lab/test_stuck.py",
    "documentation",
    "lab/hosts",
)
"""Groups that take a minute and more, in the order they begin: those that compute beside those
that wait."""

SHARED = {
    "contract/redfish": "redfish",
    "unit/drivers/redfish": "redfish",
    "unit/lab": "lab/hosts",
    "unit/drivers/ansible": "roles",
    "unit/drivers/ssh": "unit/provider",
    "policies": "unit/evidence",
}
"""Folder -> group of the other tests that use the same block of addresses."""


def group_of(file: str) -> str:
    """The group of a file below ``tests``: its own in ``lab`` or where it is long, else that of
    its folder."""
    folder = file.rpartition("/")[0]
    return file if folder == "lab" or file in LONG else SHARED.get(folder, folder)


class Groups(LoadScopeScheduling):
    """Hands whole groups to the processes."""

    def _split_scope(self, nodeid: str) -> str:
        if "test_soak.py" in nodeid:  # each process has a site of its own
            return nodeid
        return group_of(nodeid.partition("::")[0].removeprefix("tests/"))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups:
    """Group by shared addresses, in place of any ``--dist``."""
    return Groups(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long groups come first."""
    items.sort(key=lambda item: _turn(group_of(item.path.relative_to(HERE).as_posix())))


def _turn(group: str) -> int:
    return LONG.index(group) if group in LONG else len(LONG)


@pytest.fixture(scope="session", autouse=True)
def _cleared_up_when_killed(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Labs of this process go when it goes, even by ``kill -9``."""
    leftovers.watch(tmp_path_factory.getbasetemp())


def pytest_sessionstart(session: pytest.Session) -> None:
    """What an earlier run left is in the way of this one's addresses."""
    if not hasattr(session.config, "workerinput"):
        factory: pytest.TempPathFactory = session.config._tmp_path_factory
        leftovers.clear_dead_runs(factory.getbasetemp().parent)
