"""The journal and the lock: what survives a kill, and what goes with the process."""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bloomery.errors import Held
from bloomery.provider.journal import Journal
from bloomery.provider.lock import subject_lock


def lines(folder: Path) -> list[str]:
    return (folder / "n01.jsonl").read_text().splitlines()


def test_a_line_says_when_who_what_and_why(tmp_path: Path) -> None:
    at = datetime.datetime(2026, 11, 21, 8, 30, tzinfo=datetime.UTC)
    book = Journal(tmp_path / "journal", "n01", lambda: at)
    book.write("install", "intent", reason="because", next_step="wait", generation=2)
    (line,) = lines(tmp_path / "journal")
    assert json.loads(line) == {
        "t": "2026-11-21T08:30:00.000+00:00",
        "subject": "n01",
        "phase": "install",
        "event": "intent",
        "reason": "because",
        "next": "wait",
        "data": {"generation": 2},
    }
    assert (tmp_path / "journal").stat().st_mode & 0o077 == 0
    assert (tmp_path / "journal" / "n01.jsonl").stat().st_mode & 0o077 == 0


def test_a_journal_of_the_last_release_is_read_on(tmp_path: Path) -> None:
    """It called every subject a node. What it knows keeps a machine from being wiped."""
    old = {"t": "2026-11-21T08:30:00.000+00:00", "node": "n01", "phase": "install"}
    line = {**old, "event": "verified", "reason": "", "next": "", "data": {"generation": 3}}
    (tmp_path / "n01.jsonl").write_text(json.dumps(line) + "\n")
    book = Journal(tmp_path, "n01")
    book.write("boot", "begin")
    assert book.number("install", "verified", "generation") == 3
    assert [entry.subject for entry in book.entries()] == ["n01", "n01"]


def test_no_journal_is_an_empty_one(tmp_path: Path) -> None:
    book = Journal(tmp_path, "n01")
    assert list(book.entries()) == []
    assert book.last("install", "intent") is None
    assert book.newest(("install", "intent")) is None
    assert book.number("install", "verified", "generation") == 0


def test_newest_and_numbers(tmp_path: Path) -> None:
    book = Journal(tmp_path, "n01")
    book.write("install", "intent", generation=1)
    book.write("media", "verified", generation=1)
    book.write("install", "verified", generation=1)
    book.write("install", "intent", generation=2)
    assert book.number("install", "intent", "generation") == 2
    assert book.number("install", "verified", "generation") == 1
    assert book.number("install", "verified", "nothing") == 0
    newest = book.newest(("media", "verified"), ("install", "verified"))
    assert newest is not None and newest.phase == "install"
    last = book.last("install", "verified", "intent")
    assert last is not None and last.data == {"generation": 2}


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(min_value=0, max_value=400))
def test_a_torn_line_costs_itself_only(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    folder = tmp_path_factory.mktemp("torn")
    book = Journal(folder, "n01")
    for generation in (1, 2):
        book.write("install", "verified", generation=generation)
    path = folder / "n01.jsonl"
    whole = path.read_bytes()
    kept = whole[: min(cut, len(whole))]
    path.write_bytes(kept)
    book.write("install", "intent", generation=3)
    known = [entry.data["generation"] for entry in book.entries()]
    first = whole.index(b"\n")
    # A line that lacks nothing but its newline is a whole one.
    expected = [1] * (len(kept) >= first) + [2] * (len(kept) >= len(whole) - 1) + [3]
    assert known == expected


GARBAGE = (b"\x00\x00\x00", b"\xff\xfe\n", b"[]\n", b"7\n", b"{}\n", b"\n")


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_is_passed_over(tmp_path: Path, garbage: bytes) -> None:
    book = Journal(tmp_path, "n01")
    book.write("install", "verified", generation=1)
    with (tmp_path / "n01.jsonl").open("ab") as file:
        file.write(garbage)
    book.write("install", "verified", generation=2)
    assert [entry.data["generation"] for entry in book.entries()] == [1, 2]


def test_it_is_on_disk_before_write_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    real_write, real_sync = os.write, os.fsync
    monkeypatch.setattr(os, "write", lambda *a: (order.append("write"), real_write(*a))[1])
    monkeypatch.setattr(os, "fsync", lambda h: (order.append("fsync"), real_sync(h))[1])
    Journal(tmp_path, "n01").write("install", "intent")
    assert order == ["write", "fsync", "fsync"], "the file, and once the folder it is new in"
    order.clear()
    Journal(tmp_path, "n01").write("install", "intent")
    assert order == ["write", "fsync"]


HOLDER = """
import asyncio, sys
from pathlib import Path
from bloomery.provider.lock import subject_lock

async def main():
    async with subject_lock(Path(sys.argv[1]), "n01"):
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def holder(tmp_path: Path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


async def test_two_processes_never_hold_one_machine(tmp_path: Path, holder) -> None:
    with pytest.raises(Held) as caught:
        async with subject_lock(tmp_path, "n01", wait=0.15):
            pass
    assert f"n01: is locked by pid {holder.pid}" in str(caught.value)
    assert "pulumi cancel" in str(caught.value)
    async with subject_lock(tmp_path, "n02", wait=0):
        pass


async def test_a_killed_holder_leaves_no_lock(tmp_path: Path, holder) -> None:
    async def end() -> None:
        await asyncio.sleep(0.2)
        holder.kill()

    ending = asyncio.ensure_future(end())
    began = time.monotonic()
    async with subject_lock(tmp_path, "n01", wait=10):
        assert time.monotonic() - began < 5
        assert (tmp_path / "n01.lock").read_text() == f"pid {os.getpid()}"
    await ending


async def test_two_tasks_take_turns(tmp_path: Path) -> None:
    inside = 0

    async def work() -> None:
        nonlocal inside
        async with subject_lock(tmp_path, "n01", wait=10):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*(work() for _ in range(3)))


async def test_cancelled_waiter_lets_go(tmp_path: Path) -> None:
    async with subject_lock(tmp_path, "n01"):
        waiter = asyncio.ensure_future(_enter(tmp_path))
        await asyncio.sleep(0.05)
        waiter.cancel()
        await asyncio.wait({waiter})
    async with subject_lock(tmp_path, "n01", wait=0):
        pass


async def _enter(folder: Path) -> None:
    async with subject_lock(folder, "n01"):
        pass
