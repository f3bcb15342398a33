"""What the rest of bloomery asks of Ansible: run one playbook, tell each host's fate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bloomery.records import RunResult

AT_ONCE = 4
"""Playbooks at once; each forks for its hosts, so a site's runs queue rather than swap."""


@dataclass(frozen=True)
class Target:
    """One host of a run."""

    address: str
    port: int
    user: str
    host_key: str
    """Public host key line, ``ssh-ed25519 AAAA...``; checked strictly. Empty for a machine that
    templates list and nobody logs in to."""
    groups: tuple[str, ...] = ()
    vars: Mapping[str, object] = field(default_factory=dict)
    """Variables of this host, plain values of any type; no secrets."""


@dataclass(frozen=True)
class Job:
    """One run of one playbook."""

    playbook: str
    """Name in ``ansible/playbooks`` without suffix."""
    targets: Mapping[str, Target]
    """Host name -> target."""
    login_key: str = field(repr=False)
    """Private key in OpenSSH format. Lives on tmpfs for the length of the run."""
    vars: Mapping[str, object] = field(default_factory=dict)
    """Variables of every host."""
    secret_vars: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Never logged, never on a command line."""
    limit: tuple[str, ...] = ()
    """Hosts to converge; empty means all."""
    check: bool = False
    timeout: float = 1800.0
    """Seconds until the run and all it started is killed."""
    artifacts: str = ""
    """Controller directory a playbook may fetch files to."""


class Runner(Protocol):
    """Runs jobs, each in a child process of its own."""

    def __call__(self, job: Job, progress: Callable[[str], None]) -> Awaitable[RunResult]:
        """Run ``job``; ``progress`` gets one line per task.

        Hosts that fail or do not answer are results, not errors. Raises RunError
        when Ansible could not run at all. Cancelling kills everything it started.
        """
