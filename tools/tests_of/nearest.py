"""From a source file to its tests, nearest first, and the files that no test is near to."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests_of.imports import TESTS, Graph, is_test

PACKAGE = Path("components/bloomery")

CHECKOUT = Path(__file__).resolve().parents[2]

COMPONENTS = sorted(path.parent.name for path in (CHECKOUT / PACKAGE).glob("*/component.py"))
"""Rooms of the nouns: each has a component, and one folder of tests is for all of them."""

ALSO: Mapping[str, tuple[str, ...]] = {
    "site": ("wrong",),
    "plan": ("golden", "plan_wire"),
    "check": ("golden",),
    "report": ("golden",),
    "drivers": ("contract",),
    "lab": ("contract",),
    "resources": ("components",),
    **dict.fromkeys(COMPONENTS, ("components",)),
}
"""Room -> folders below ``tests`` that hold tests of it beside those that bear its name."""

LIMIT = 4
"""Imports from a test to a file that is still its own: the door of the room, the module behind
it that does the work, the modules that one is made of, and the parts those share. What lies
deeper is run by the test and not thought of by whoever wrote it."""


@dataclass(frozen=True)
class Near:
    """A test, and how many imports away it is: 1 where it imports the file itself."""

    test: Path
    imports: int


@cache
def room_of(file: Path) -> str:
    """The room of a module of the package; else the top folder of the file."""
    inside = file.is_relative_to(PACKAGE)
    return file.with_suffix("").parts[len(PACKAGE.parts) if inside else 0]


def at_home(test: Path, room: str) -> bool:
    """Whether a test lies where the tests of a room lie."""
    folders = test.parent.parts[1:]
    return test.stem == f"test_{room}" or bool({room, *ALSO.get(room, ())} & set(folders))


def nearest(graph: Graph, file: Path) -> list[Near]:
    """Tests of a file: of its room's tests the nearest, else the nearest of all."""
    room = room_of(file)
    home = [test for test in graph.tests if at_home(test, room)]
    return (
        _closest(graph, file, home, room)
        or _closest(graph, file, graph.tests, room)
        or _closest(graph, file, graph.tests, "")
    )


def _closest(graph: Graph, file: Path, tests: list[Path], room: str) -> list[Near]:
    ways = ((test, distances(graph, test, room).get(file)) for test in tests)
    found = [Near(test, way) for test, way in ways if way]
    least = min((near.imports for near in found), default=0)
    words = set(file.stem.split("_"))
    alike = {near: not words & set(near.test.stem.split("_")) for near in found}
    return sorted(
        (near for near in found if near.imports == least),
        key=lambda near: (alike[near], near.test),
    )


def distances(graph: Graph, test: Path, room: str) -> dict[Path, int]:
    """File -> imports from ``test`` to it, never leaving ``room``; any way where that is empty.

    Other files of a test, and the programme of a stack, are part of the test. A module that is
    started by its name is a door of its room, as what a test imports.
    """
    found = {test: 0}
    waiting = deque([test])
    while waiting:
        file = waiting.popleft()
        for other, way in _steps(graph, file, found[file]):
            allowed = _is_part(other) or not room or room_of(other) == room
            if allowed and way < found.get(other, way + 1):
                found[other] = way
                waiting.append(other)
    return found


def _steps(graph: Graph, file: Path, way: int) -> Iterator[tuple[Path, int]]:
    links = graph.links[file]
    for other in links.imports:
        yield other, 0 if _is_part(other) else way + 1
    for other in links.starts:
        yield other, 0 if _is_part(other) else 1


@cache
def _is_part(file: Path) -> bool:
    return file.parts[0] in (TESTS, "stacks") and not is_test(file)


def untested(graph: Graph) -> list[str]:
    """Modules of the package that no test is near to, each with what is the matter.

    Near is a test of its room that reaches it within LIMIT imports inside the room, or any test
    that imports it. The charter of a package holds nothing to test.
    """
    rooms = {room_of(file) for file in _modules(graph)}
    reached: set[Path] = set()
    for test in graph.tests:
        for room in rooms:
            limit = LIMIT if at_home(test, room) else 1
            ways = distances(graph, test, room)
            reached |= {file for file, way in ways.items() if way <= limit}
    return [
        f"{file}: no test of {room_of(file)} within {LIMIT} imports, and none imports it"
        for file in _modules(graph)
        if file not in reached
    ]


def _modules(graph: Graph) -> list[Path]:
    inside = (file for file in graph.links if file.is_relative_to(PACKAGE))
    return [file for file in inside if file.name != "__init__.py"]
