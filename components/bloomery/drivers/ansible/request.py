"""What client and worker hand each other: one JSON request, then one event a line."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bloomery.drivers.ansible.protocol import Job, Target


@dataclass(frozen=True)
class Request:
    """All the worker is told. It travels on stdin, because it carries secrets."""

    job: Job
    private: Path
    """Directory on tmpfs, mode 0700, for everything the run writes on the controller."""
    content: Path
    """Directory with ``playbooks`` and ``roles``."""
    jail: Path | None
    """cgroup the worker joins; ``None`` where the machine allows none."""

    def encode(self) -> bytes:
        """One line of JSON."""
        plain = replace(
            self.job,
            targets={name: _plain(target) for name, target in self.job.targets.items()},
            vars=dict(self.job.vars),
            secret_vars=dict(self.job.secret_vars),
        )
        data = {
            "job": asdict(plain),
            "private": str(self.private),
            "content": str(self.content),
            "jail": str(self.jail) if self.jail else "",
        }
        return json.dumps(data).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> Request:
        """The request in ``line``; ValueError or KeyError where it is not one."""
        data = json.loads(line)
        job = data["job"]
        targets = {
            name: Target(**{**target, "groups": tuple(target["groups"])})
            for name, target in job.pop("targets").items()
        }
        limit = tuple(job.pop("limit"))
        return cls(
            job=Job(**job, targets=targets, limit=limit),
            private=Path(data["private"]),
            content=Path(data["content"]),
            jail=Path(data["jail"]) if data["jail"] else None,
        )


def _plain(target: Target) -> Target:
    return replace(target, groups=tuple(target.groups), vars=dict(target.vars))
