"""The child process that runs Ansible: ``python -m bloomery.drivers.ansible.worker``.

The request comes as one line of JSON on stdin, events go out one JSON object a line.
stdin stays open for as long as the run is wanted: when it ends, or the parent dies,
the worker kills all it started, removes the workspace and exits. Never import this
module from a process that serves gRPC: ansible_runner forks.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ansible_runner import RunnerConfig
from ansible_runner.runner import Runner

from bloomery.drivers.ansible import reason
from bloomery.drivers.ansible.content import playbook_path
from bloomery.drivers.ansible.files import MAX_FORKS, environment, write_all
from bloomery.drivers.ansible.request import Request

ABANDONED = 75
"""Exit code when the parent went away or gave up."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_LAST_LINES = 6
_KILL_ROUNDS = 200

_LOOKS = 3
"""Looks in a row that must find nothing before nothing is there."""


def main() -> int:
    """Run the request on stdin. Returns 0 once the result was told."""
    os.umask(0o077)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever prints by itself must not end up between the events
    _own_descendants()
    request = Request.decode(sys.stdin.buffer.readline())
    _join(request.jail)
    signal.signal(signal.SIGTERM, lambda *_: _abandon(request.private))
    threading.Thread(target=_watch, args=(request.private,), daemon=True).start()
    telling = threading.Lock()

    def tell(**event: object) -> None:
        with telling:
            out.write(json.dumps(event) + "\n")
            out.flush()

    try:
        _run(request, tell)
    finally:
        kill_descendants()
    return 0


def _run(request: Request, tell: Callable[..., None]) -> None:
    job = request.job
    write_all(request)
    config = RunnerConfig(
        private_data_dir=str(request.private),
        playbook=str(playbook_path(job.playbook, request.content)),
        inventory=str(request.private / "inventory"),
        envvars=environment(request),
        limit=",".join(job.limit) or None,
        forks=max(1, min(len(job.limit or job.targets), MAX_FORKS)),
        cmdline="--check" if job.check else None,
        fact_cache_type="memory",
        settings={"suppress_output_file": True, "pexpect_timeout": 1},
        quiet=True,
        ident="run",
    )
    config.prepare()
    # should the worker be killed outright, ansible-playbook goes with it
    config.command = ["setpriv", "--pdeathsig", "KILL", "--", *config.command]
    ears = _Ears(tell, reason.secret_words([*job.secret_vars.values(), job.login_key]))
    runner = Runner(config=config, event_handler=ears.hear)
    runner.run()
    tell(event="end", rc=runner.rc, said=reason.clean(" ".join(ears.last), ears.secrets))


class _Ears:
    """Turns ansible_runner's events into the few short ones the client needs."""

    def __init__(self, tell: Callable[..., None], secrets: list[str]) -> None:
        self.tell = tell
        self.secrets = secrets
        self.last: list[str] = []

    def hear(self, event: Mapping[str, object]) -> bool:
        """Called for every event; False keeps ansible_runner from writing a file."""
        data = event.get("event_data")
        details = data if isinstance(data, dict) else {}
        match event.get("event"):
            case "playbook_on_task_start":
                self.tell(event="task", task=_task(details))
            case "runner_on_ok":
                changed = bool(details.get("res", {}).get("changed"))
                self.tell(event="ok", host=details.get("host"), changed=changed)
            case "runner_on_failed" if not details.get("ignore_errors"):
                self._failure("failed", details)
            case "runner_on_unreachable":
                self._failure("unreachable", details)
            case "playbook_on_stats":
                self._stats(details)
            case "verbose" | "error":
                self._said(str(event.get("stdout", "")))
        return False

    def _failure(self, kind: str, details: Mapping[str, object]) -> None:
        why = reason.of(details.get("res"), self.secrets)
        self.tell(event=kind, host=details.get("host"), task=_task(details), reason=why)

    def _said(self, text: str) -> None:
        lines = [line for line in text.splitlines() if line.strip()]
        self.last = (self.last + lines)[-_LAST_LINES:]

    def _stats(self, details: Mapping[str, dict[str, int]]) -> None:
        names = {"ok": "ok", "changed": "changed", "failed": "failures", "unreachable": "dark"}
        hosts = {
            host: {ours: details.get(theirs, {}).get(host, 0) for ours, theirs in names.items()}
            for host in details.get("processed", {})
        }
        outputs = {str(k): str(v) for k, v in details.get("artifact_data", {}).items()}
        self.tell(event="stats", hosts=hosts, outputs=outputs)


def _task(details: Mapping[str, object]) -> str:
    name, role = str(details.get("task", "")), str(details.get("role", ""))
    return f"{role}: {name}" if role and not name.startswith(f"{role} :") else name


def _own_descendants() -> None:
    """Die with the parent, and inherit what its own children leave behind."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _join(jail: Path | None) -> None:
    if jail is not None:
        (jail / "cgroup.procs").write_text(str(os.getpid()))


def _watch(private: Path) -> None:
    """Wait for the end of stdin, which is the end of the client's interest."""
    while os.read(0, 1):
        continue
    _abandon(private)


def _abandon(private: Path) -> None:
    kill_descendants()
    shutil.rmtree(private, ignore_errors=True)
    os._exit(ABANDONED)


def kill_descendants() -> None:
    """Kill every process that descends from this one until none is left.

    One look is no proof: a process whose parent ends while we look belongs to nobody.
    """
    looked = 0
    for _ in range(_KILL_ROUNDS):
        living = _descendants(os.getpid())
        looked = 0 if living else looked + 1
        if looked == _LOOKS:
            return
        for pid in living:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.01)


def _descendants(root: int) -> list[int]:
    parents: dict[int, int] = {}
    dead: set[int] = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            parents[int(entry.name)] = int(parent)
            if state == "Z":
                dead.add(int(entry.name))
    found = {root}
    size = 0
    while size != len(found):
        size = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return sorted(found - dead - {root})


if __name__ == "__main__":
    sys.exit(main())
