"""Site, plan, check and catalogue depend on nothing but what is written."""

from __future__ import annotations

import pytest
from purity import impure, loaders, modules, rooms

LOADER = "bloomery.site.reads"
KNOWN = {LOADER: "reads a file"}


@pytest.mark.parametrize("room", rooms())
def test_a_room_depends_on_nothing_but_what_is_given(room: str) -> None:
    known = loaders()
    files = list(modules(room))
    assert files
    found = [found for name, path in files for found in impure(name, path.read_text(), known)]
    assert not found, "\n".join(["", *found, "pass it in, or see .importlinter for loaders"])


def test_every_loader_has_its_reason() -> None:
    assert loaders()
    assert [name for name, reason in loaders().items() if len(reason.split()) < 2] == []


EVERYWHERE = {
    "from datetime import datetime\nx = datetime.now()\n": "now: clock",
    "from datetime import date as d\nx = d.today()\n": "today: clock",
    "import uuid\nx = uuid.uuid4()\n": "uuid4: chance",
    "from uuid import uuid1\n": "uuid1: chance",
    "x = hash('a')\n": "hash: chance",
    "x = eval('1')\n": "eval: process",
    "x = __import__('os')\n": "__import__: process",
    "print('x')\n": "print: terminal",
    "from urllib.request import urlopen\n": "urlopen: network",
}
"""Breach -> what is found of it, in loaders too."""

OUTSIDE = {
    "with open('x') as file:\n    pass\n": "open: file",
    "reader = open\n": "open: file",
    "def f(path):\n    return path.read_text()\n": "read_text: file",
    "def f(path):\n    path.write_bytes(b'')\n": "write_bytes: file",
    "def f(path):\n    return path.exists()\n": "exists: file",
    "def f(path):\n    return sorted(path.glob('*'))\n": "glob: file",
    "from io import FileIO\n": "FileIO: file",
    "def f(os):\n    return os.environ['HOME']\n": "environ: environment",
    "def f(path):\n    return path.cwd()\n": "cwd: environment",
}
"""Breach -> what is found of it outside loaders."""


@pytest.mark.parametrize("source", [*EVERYWHERE, *OUTSIDE])
def test_every_planted_breach_is_found(source: str) -> None:
    found = list(impure("bloomery.plan.planted", source, KNOWN))
    wanted = {**EVERYWHERE, **OUTSIDE}[source]
    assert any(line.endswith(wanted) for line in found), found


@pytest.mark.parametrize("source", EVERYWHERE)
def test_loaders_read_no_clock_and_roll_no_dice(source: str) -> None:
    assert list(impure(LOADER, source, KNOWN))


@pytest.mark.parametrize("source", OUTSIDE)
def test_loaders_may_reach_files(source: str) -> None:
    assert list(impure(LOADER, source, KNOWN)) == []


@pytest.mark.parametrize(
    "line",
    [
        "from bloomery.site import load",
        f"from {LOADER} import x",
        "from bloomery.site import find_site",
    ],
)
def test_no_way_leads_back_to_the_files(line: str) -> None:
    assert list(impure("bloomery.plan.planted", f"{line}\n", KNOWN))
    assert list(impure("bloomery.site.planted", f"{line}\n", KNOWN)) == []


def test_what_is_given_is_no_breach() -> None:
    source = "from bloomery.site import Site\ndef f(site: Site, now, id):\n    return now + id\n"
    assert list(impure("bloomery.plan.planted", source, KNOWN)) == []
