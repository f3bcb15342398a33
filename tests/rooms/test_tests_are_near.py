"""Every module of the package has a test of its room near to it, found without any list."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest
from checkout import REPO

sys.path.insert(0, str(REPO / "tools"))

from tests_of.imports import Graph, Links, read
from tests_of.nearest import ALSO, LIMIT, PACKAGE, at_home, nearest, room_of, untested


@pytest.fixture(scope="module")
def graph() -> Graph:
    return read(REPO)


def planted(links: dict[str, list[str]]) -> Graph:
    """A graph of these files, each with what it imports."""
    return Graph({Path(f): Links(frozenset(map(Path, to)), frozenset()) for f, to in links.items()})


def found(links: dict[str, list[str]]) -> list[str]:
    """Files of such a graph that no test is near to."""
    return [line.partition(":")[0] for line in untested(planted(links))]


def test_every_module_has_a_test_near_to_it(graph: Graph) -> None:
    far = untested(graph)
    assert not far, "\n".join(["", *far])


PLANTED = f"{PACKAGE}/plan/planted.py"
USER = f"{PACKAGE}/plan/planted_user.py"
HOME = "tests/unit/plan/test_planted_things.py"
AWAY = "tests/unit/trust/test_planted.py"


def test_a_module_nobody_tests_is_found() -> None:
    assert found({PLANTED: [], HOME: []}) == [PLANTED]
    assert found({PLANTED: [], HOME: [PLANTED]}) == []


def test_a_module_that_is_used_and_never_tested_is_found() -> None:
    assert found({PLANTED: [], USER: [PLANTED]}) == [PLANTED, USER]


def test_a_test_of_another_room_counts_only_where_it_imports_the_module() -> None:
    assert found({PLANTED: [], AWAY: [PLANTED]}) == []
    assert found({PLANTED: [], USER: [PLANTED], AWAY: [USER]}) == [PLANTED]


def test_a_way_through_another_room_does_not_count() -> None:
    other = f"{PACKAGE}/check/planted.py"
    assert found({PLANTED: [], other: [PLANTED], HOME: [other]}) == [PLANTED]


def test_a_test_too_far_away_does_not_count() -> None:
    chain = [f"{PACKAGE}/plan/planted_{number}.py" for number in range(LIMIT + 1)]
    links = {file: [then] for file, then in itertools.pairwise(chain)}
    assert found({**links, chain[-1]: [], HOME: [chain[0]]}) == [chain[-1]]


def rooms(graph: Graph) -> set[str]:
    return {room_of(file) for file in graph.links if file.is_relative_to(PACKAGE)}


def strays(graph: Graph) -> set[str]:
    """Folders of ``tests/unit`` that bear the name of no room."""
    known = rooms(graph) | {name for names in ALSO.values() for name in names} | set(NO_ROOMS)
    unit = (test.parent.parts for test in graph.tests if test.is_relative_to("tests/unit"))
    return {parts[2] for parts in unit if len(parts) > 2} - known


NO_ROOMS = ("tools", "bench")
"""Folders of ``tests/unit`` for what lies beside the package."""


def test_every_folder_of_unit_tests_is_one_of_a_room(graph: Graph) -> None:
    assert strays(graph) == set()
    assert strays(planted({PLANTED: [], HOME: [], "tests/unit/odd/test_x.py": []})) == {"odd"}


def test_folders_of_rooms_are_there(graph: Graph) -> None:
    """Else a folder that was renamed would be named for nothing."""
    folders = {part for test in graph.tests for part in test.parent.parts}
    assert {name for names in ALSO.values() for name in names} <= folders
    assert rooms(graph) >= set(ALSO)


def test_tests_of_a_room_come_before_others() -> None:
    graph = planted({PLANTED: [], USER: [PLANTED], AWAY: [PLANTED], HOME: [USER]})
    (near,) = nearest(graph, Path(PLANTED))
    assert (str(near.test), near.imports) == (HOME, 2)
    assert at_home(near.test, "plan") and not at_home(Path(AWAY), "plan")
