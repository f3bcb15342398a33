"""The driver with real child processes, on this machine."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ansible_trial import local_job, processes_with, workspaces

from bloomery.drivers.ansible import client, jail, workspace
from bloomery.errors import NotReadyError, RunError

TOKEN = "TOPSECRET4711"


async def go(job, told=None):
    return await client.run(job, (told if told is not None else []).append)


async def test_each_host_gets_its_counts_and_the_outputs_come_back(content, tmp_path, no_traces):
    told: list[str] = []
    job = local_job("three", vars={"place": str(tmp_path)}, secret_vars={"token": "fresh"})
    result = await go(job, told)
    assert {h: (r.ok, r.changed, r.failed) for h, r in result.hosts.items()} == {
        "one": (3, 1, 0),
        "two": (3, 1, 0),
    }
    assert all(host.converged for host in result.hosts.values())
    assert result.outputs == {"answer": "fresh"}
    assert told == ["three: Look", "three: Touch", "three: Hand back"]


async def test_check_mode_counts_what_would_change_and_changes_nothing(content, tmp_path):
    result = await go(local_job("three", vars={"place": str(tmp_path)}, check=True))
    assert result.hosts["one"].changed == 1
    assert not (tmp_path / "touched-one").exists()


async def test_a_limit_leaves_the_others_alone(content, tmp_path):
    result = await go(local_job("three", vars={"place": str(tmp_path)}, limit=("two",)))
    assert set(result.hosts) == {"two"}
    assert not (tmp_path / "touched-one").exists()


async def test_the_first_failing_task_is_told_without_the_secret(content):
    told: list[str] = []
    result = await go(local_job("fails", secret_vars={"token": TOKEN}), told)
    one, two = result.hosts["one"], result.hosts["two"]
    assert (one.failed, one.failed_task) == (1, "Break")
    assert one.reason == "non-zero return code: cannot use ***"
    assert (two.failed, two.failed_task, two.converged) == (0, "", True)
    assert TOKEN not in "".join(told)
    assert "fails: one: failed in Break: non-zero return code: cannot use ***" in told


async def test_a_rescued_failure_is_no_failure(content):
    result = await go(local_job("rescued", hosts=("one",)))
    assert result.hosts["one"].converged
    assert result.hosts["one"].failed_task == ""


async def test_a_host_no_play_names_has_not_converged(content):
    result = await go(local_job("elsewhere", hosts=("one",)))
    assert not result.hosts["one"].converged
    assert "not reached" in result.hosts["one"].reason


async def test_a_playbook_that_cannot_run_is_an_error_with_the_reason(content, no_traces):
    with pytest.raises(RunError, match="no_such_module"):
        await go(local_job("broken"))


async def test_an_unknown_playbook_is_refused_before_anything_starts(content):
    with pytest.raises(NotReadyError, match="no playbook 'nothing'"):
        await go(local_job("nothing"))


def _look(place: Path) -> dict[str, str]:
    return {"place": str(place), "shelf": str(workspace.shelf()), "owner": str(os.getpid())}


async def test_secrets_are_seen_by_nobody_else(content, tmp_path):
    job = local_job(
        "looks",
        hosts=("one",),
        vars=_look(tmp_path),
        secret_vars={"token": TOKEN},
    )
    await go(job)
    assert TOKEN not in (tmp_path / "seen").read_text(errors="replace")
    listed = (tmp_path / "files").read_text().splitlines()
    modes = [line.split()[0] for line in listed if len(line.split()) > 8]
    assert len(modes) > 8
    assert all(mode[4:10] == "------" for mode in modes if mode[0] in "-d")
    assert workspace.shelf().stat().st_mode & 0o777 == 0o700


async def test_nothing_of_the_callers_settings_gets_in(content, tmp_path, monkeypatch):
    monkeypatch.setenv("ANSIBLE_CONFIG", "/etc/passwd")
    monkeypatch.setenv("ANSIBLE_HOST_KEY_CHECKING", "False")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/tmp/agent")
    await go(local_job("looks", hosts=("one",), vars=_look(tmp_path)))
    seen = (tmp_path / "env").read_text()
    assert "SSH_AUTH_SOCK" not in seen
    assert "ANSIBLE_HOST_KEY_CHECKING=True" in seen
    assert "ANSIBLE_CONFIG=/etc/passwd" not in seen


async def test_a_timeout_kills_all_of_it(content, either_jail, no_traces):
    mark = f"{random.randrange(10**6, 10**7)}.5"
    begun = time.monotonic()
    await go(local_job("rescued", hosts=("one",)))
    limit = round(3 * (time.monotonic() - begun))  # two tasks took a third of it, just now
    result = await go(local_job("hangs", hosts=("one",), vars={"mark": mark}, timeout=limit))
    assert result.hosts["one"].failed_task == "Hang"
    assert result.hosts["one"].reason == f"not done within {limit} s"
    assert processes_with(mark) == []


async def test_cancelling_kills_all_of_it(content, either_jail, no_traces):
    mark = f"{random.randrange(10**6, 10**7)}.5"
    task = asyncio.create_task(go(local_job("hangs", hosts=("one",), vars={"mark": mark})))
    await _until(lambda: len(processes_with(mark)) >= 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert processes_with(mark) == []


async def test_a_worker_that_is_killed_is_an_error_and_leaves_nothing(content, no_traces):
    mark = f"{random.randrange(10**6, 10**7)}.5"
    task = asyncio.create_task(go(local_job("hangs", hosts=("one",), vars={"mark": mark})))
    await _until(lambda: len(processes_with(mark)) >= 2)
    (worker,) = [pid for pid in processes_with(client.WORKER) if _parent(pid) == os.getpid()]
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(RunError, match="ended with code -9"):
        await task
    assert processes_with(mark) == []


PARENT = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from ansible_trial import local_job
from bloomery.drivers.ansible import client
from bloomery.drivers.ansible.jail import Jail
if {without}:
    Jail.make = classmethod(lambda cls, token: cls(None))
client.content_root = lambda: Path({content!r})
asyncio.run(client.run(local_job("hangs", hosts=("one",), vars={{"mark": {mark!r}}}), print))
"""


async def test_a_parent_that_is_killed_takes_all_of_it_along(content, either_jail):
    mark = f"{random.randrange(10**6, 10**7)}.5"
    script = PARENT.format(
        tests=str(Path(__file__).parent),
        content=str(content),
        mark=mark,
        without=either_jail == "no cgroup",
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.DEVNULL)
    try:
        # the hung task, and what the task before it left behind
        await _until(lambda: len([p for p in processes_with(mark) if p != parent.pid]) >= 2)
        parent.send_signal(signal.SIGKILL)
    finally:
        parent.kill()
        parent.wait()
    await _until(lambda: processes_with(mark) == [] and workspaces(parent.pid) == [])
    jail.sweep()
    assert not [p for base in jail._own_groups() for p in base.glob(f"*-{parent.pid}-*")]


def test_what_a_killed_owner_left_is_swept_and_nothing_else(tmp_path):
    gone = subprocess.Popen(["true"])
    gone.wait()
    stale = workspace.make(f"{gone.pid}-12345-aaaa")
    mine = workspace.make(workspace.new_token())
    (stale / "login_key").write_text("key")
    workspace.sweep()
    try:
        assert not stale.exists()
        assert mine.exists()
    finally:
        mine.rmdir()


def test_a_shelf_that_belongs_to_somebody_else_is_refused(tmp_path, monkeypatch):
    (tmp_path / f"bloomery-{os.getuid()}").symlink_to(tmp_path)
    monkeypatch.setattr(workspace, "_tmpfs_mounts", lambda: [tmp_path])
    with pytest.raises(NotReadyError, match="not a directory of this user"):
        workspace.shelf()


def test_without_a_tmpfs_no_secret_is_written(monkeypatch):
    monkeypatch.setattr(workspace, "_tmpfs_mounts", list)
    with pytest.raises(NotReadyError, match="no writable tmpfs"):
        workspace.shelf()


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


async def _until(condition, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not within time"
        await asyncio.sleep(0.05)
