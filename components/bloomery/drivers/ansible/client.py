"""Runs one Ansible job in a child process and tells each host's fate."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import bloomery
from bloomery.drivers.ansible import jail, workspace
from bloomery.drivers.ansible.content import content_root, playbook_path
from bloomery.drivers.ansible.jail import Jail
from bloomery.drivers.ansible.protocol import Job
from bloomery.drivers.ansible.request import Request
from bloomery.drivers.ansible.tally import Tally, hosts_of
from bloomery.errors import RunError
from bloomery.records import RunResult

WORKER = "bloomery.drivers.ansible.worker"

_LINE_LIMIT = 1 << 20
"""Bytes of one event; the worker cuts what it tells far below this."""

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_LET_GO = 3.0
"""Seconds the worker gets to kill what it started where there is no cgroup."""


async def run(job: Job, progress: Callable[[str], None]) -> RunResult:
    """Run ``job``; ``progress`` gets one line a task and one a failure.

    Hosts that fail or do not answer are results, not errors, and so are hosts that were
    not done when ``job.timeout`` seconds had passed. Raises RunError when Ansible could
    not run at all. Whatever way this ends, nothing it started is left, neither a
    process nor a file.
    """
    root = content_root()
    playbook_path(job.playbook, root)
    jail.sweep()
    workspace.sweep()
    token = workspace.new_token()
    private = workspace.make(token)
    cell = Jail.make(token)
    try:
        return await _run(Request(job, private, root, cell.path), cell, progress)
    finally:
        cell.kill()
        shutil.rmtree(private, ignore_errors=True)


async def _run(request: Request, cell: Jail, progress: Callable[[str], None]) -> RunResult:
    tally = Tally(hosts_of(request.job.targets, request.job.limit))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        WORKER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env=_environment(request.private),
        limit=_LINE_LIMIT,
    )
    errors = asyncio.ensure_future(_tail(process.stderr))
    try:
        async with asyncio.timeout(request.job.timeout):
            await _listen(process, request, tally, progress)
    except TimeoutError:
        return tally.result(unfinished=f"not done within {request.job.timeout:g} s")
    finally:
        await asyncio.shield(asyncio.ensure_future(_end(process, cell)))
        last_words = await errors
    if not tally.finished:
        _refuse(tally, process.returncode, last_words)
    return tally.result()


async def _listen(
    process: asyncio.subprocess.Process,
    request: Request,
    tally: Tally,
    progress: Callable[[str], None],
) -> None:
    """Hand over the request and take events until the worker closes its output."""
    if process.stdin is None or process.stdout is None:
        raise RunError("the worker has no pipes")
    process.stdin.write(request.encode())
    async for line in process.stdout:
        shown = tally.take(json.loads(line))
        if shown:
            progress(f"{request.job.playbook}: {shown}")
    await process.wait()


async def _tail(stream: asyncio.StreamReader | None) -> str:
    """The last few lines of ``stream``, read to its end so that it never fills up."""
    lines: list[str] = []
    while stream is not None:
        line = await stream.readline()
        if not line:
            break
        lines = [*lines[-4:], line.decode(errors="replace").strip()]
    return " ".join(lines)


async def _end(process: asyncio.subprocess.Process, cell: Jail) -> None:
    """See to it that the worker and all it started are gone."""
    if process.returncode is None and cell.path is None:
        _signal(process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), _LET_GO)
        except TimeoutError:
            _signal(process.pid, signal.SIGKILL)
    cell.kill()
    if process.returncode is None:
        _signal(process.pid, signal.SIGKILL)
    await process.wait()


def _signal(leader: int, number: signal.Signals) -> None:
    """Signal the worker's process group; the worker leads it."""
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return


def _refuse(tally: Tally, code: int | None, last_words: str) -> None:
    """Raise what kept Ansible from running."""
    said = tally.said or last_words or f"the worker ended with code {code}"
    raise RunError(f"ansible-playbook did not run: {said}")


def _environment(private: Path) -> dict[str, str]:
    """All the worker inherits: programs, its own package, nothing of the caller's."""
    programs = Path(sys.executable).parent
    return {
        "PATH": f"{programs}:{_SYSTEM_PATH}",
        "HOME": str(private / "home"),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(bloomery.__file__).resolve().parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
