"""Finding our own processes and ending them at a chosen moment."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from lab_under_test import Story

PLUGIN = "components/plugin"
WORKER = "bloomery.drivers.ansible.worker"


def descendants(pid: int) -> list[int]:
    """All processes below ``pid``, nearest first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parent = int(stat.rsplit(")", 1)[1].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    queue = [pid]
    while queue:
        below = children.get(queue.pop(0), [])
        found += below
        queue += below
    return found


def with_words(pid: int, words: str) -> list[int]:
    """Descendants of ``pid`` whose command line holds ``words``."""
    found = []
    for child in descendants(pid):
        try:
            line = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if words in line:
            found.append(child)
    return found


def kill(victim: str, engine: subprocess.Popen[str], told: Story) -> list[int]:
    """``kill -9`` of one victim; returns pids that must be gone soon after."""
    orphans = with_words(engine.pid, PLUGIN) + with_words(engine.pid, WORKER)
    if victim == "engine":
        engine.kill()
    elif victim == "emulator":
        os.kill(told.daemon_pid(), signal.SIGKILL)
        return []
    else:
        for pid in with_words(engine.pid, PLUGIN if victim == "provider" else WORKER):
            os.kill(pid, signal.SIGKILL)
        if victim == "runner":
            return []
    return orphans


def gone(pids: list[int], within: float) -> bool:
    """Whether all are gone (zombies count as gone) within so many seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not [pid for pid in pids if _lives(pid)]:
            return True
        time.sleep(0.05)
    return False


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def await_phase(
    told: Story, node: str, phase: str, skip: int, engine: subprocess.Popen[str], limit: float
) -> bool:
    """Wait until the journal says that ``phase`` begins; False when the engine ended first."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        for line in told.journal(node)[skip:]:
            if line["phase"] == phase and line["event"] == "begin":
                return True
        if engine.poll() is not None:
            return False
        time.sleep(0.01)
    raise AssertionError(f"{phase} did not begin within {limit} s")
