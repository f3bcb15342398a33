"""What the worker tells, line by line, summed up to one result per host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bloomery.records import HostResult, RunResult


@dataclass
class Tally:
    """Takes the worker's events in order; ``result`` says where every host stands."""

    hosts: tuple[str, ...]
    """Hosts the run is about."""
    task: str = ""
    """Task that runs now."""
    rc: int | None = None
    said: str = ""
    """Last words of Ansible, for a run that could not start."""
    finished: bool = False
    """True once Ansible handed over its own counts."""
    _counts: dict[str, HostResult] = field(default_factory=dict)
    _first: dict[str, tuple[str, str]] = field(default_factory=dict)
    _outputs: dict[str, str] = field(default_factory=dict)

    def take(self, event: Mapping[str, object]) -> str:
        """Count one event. Returns a line to show, or nothing."""
        kind = event.get("event")
        if kind == "task":
            self.task = _text(event, "task")
            return self.task
        if kind in ("ok", "failed", "unreachable"):
            return self._host_event(str(kind), event)
        if kind == "stats":
            self._stats(event)
        elif kind == "end":
            rc = event.get("rc")
            self.rc = rc if isinstance(rc, int) else None
            self.said = _text(event, "said")
        return ""

    def result(self, *, unfinished: str = "") -> RunResult:
        """Result per host. ``unfinished`` is the reason for those that did not end."""
        return RunResult(
            hosts={host: self._host(host, unfinished) for host in self.hosts},
            outputs=dict(self._outputs),
        )

    def _host_event(self, kind: str, event: Mapping[str, object]) -> str:
        host = _text(event, "host")
        was = self._counts.get(host, HostResult(host))
        if kind == "ok":
            changed = was.changed + (event.get("changed") is True)
            self._counts[host] = replace(was, ok=was.ok + 1, changed=changed)
            return ""
        failed = was.failed + (kind == "failed")
        unreachable = was.unreachable + (kind == "unreachable")
        self._counts[host] = replace(was, failed=failed, unreachable=unreachable)
        task, reason = _text(event, "task"), _text(event, "reason")
        self._first.setdefault(host, (task, reason))
        return f"{host}: {kind} in {task}: {reason}"

    def _stats(self, event: Mapping[str, object]) -> None:
        self.finished = True
        self._counts = {}
        for host, counts in _mapping(event, "hosts").items():
            if isinstance(counts, dict):
                self._counts[host] = HostResult(
                    host,
                    ok=int(counts["ok"]),
                    changed=int(counts["changed"]),
                    failed=int(counts["failed"]),
                    unreachable=int(counts["unreachable"]),
                )
        outputs = _mapping(event, "outputs")
        self._outputs = {str(name): str(value) for name, value in outputs.items()}

    def _host(self, host: str, unfinished: str) -> HostResult:
        counts = self._counts.get(host)
        if counts is not None and (counts.failed or counts.unreachable):
            task, reason = self._first.get(host, ("", ""))
            return replace(counts, failed_task=task, reason=reason)
        if counts is not None and self.finished:
            return counts
        counts = counts or HostResult(host)
        reason = unfinished or "not reached: the run ended before any task on this host"
        return replace(counts, failed=1, failed_task=self.task, reason=reason)


def hosts_of(targets: Iterable[str], limit: Iterable[str]) -> tuple[str, ...]:
    """Hosts a job is about: all targets, or those it is limited to."""
    wanted = set(limit)
    return tuple(host for host in targets if not wanted or host in wanted)


def _text(event: Mapping[str, object], name: str) -> str:
    value = event.get(name)
    return value if isinstance(value, str) else ""


def _mapping(event: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = event.get(name)
    return value if isinstance(value, dict) else {}
