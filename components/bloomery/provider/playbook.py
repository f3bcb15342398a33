"""What a Run resource was told, and the Ansible job that follows from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bloomery.drivers.ansible.protocol import Job, Target
from bloomery.plan.wire import from_wire
from bloomery.provider.context import Context
from bloomery.provider.values import Props, settled
from bloomery.trust.keys import host_key, login_key

LOCAL_VARS = ("depot_key", "artifacts")
"""Variables the provider fills in itself: files of the controller, never of the plan."""


@dataclass(frozen=True)
class RunHost:
    """One host of a run."""

    address: str
    ssh_port: int
    user: str
    system_uuid: str
    key_epoch: int
    install_id: str = ""
    """Empty where only its address and keys are asked for."""


@dataclass(frozen=True)
class RunInput:
    """Inputs of a Run resource, all known."""

    name: str
    playbook: str
    groups: Mapping[str, tuple[str, ...]]
    hosts: Mapping[str, RunHost]
    content_digest: str
    vars: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    """Outputs of the runs before."""
    ready: Mapping[str, bool] = field(default_factory=dict)
    """Host -> whether its node came up."""
    upstream: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Run before -> hosts that did not converge there."""
    derived_secrets: tuple[str, ...] = ()
    proof: bool = False

    @classmethod
    def of(cls, news: Props) -> RunInput:
        """From wire properties. Raises ValueError naming what is missing or unknown.

        Mappings lose their order on the wire; here they get one, so that the same run is
        the same job twice.
        """
        run = from_wire(cls, settled(news))
        return replace(
            run, hosts=dict(sorted(run.hosts.items())), groups=dict(sorted(run.groups.items()))
        )

    def digest(self, host: str) -> str:
        """What this host's convergence depends on; 16 hex digits."""
        facts = self.hosts[host]
        groups = sorted(name for name, members in self.groups.items() if host in members)
        parts = [self.content_digest, sorted(self.vars.items()), sorted(self.given.items())]
        text = json.dumps([*parts, groups, facts.install_id, facts.key_epoch, facts.address])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def blocked(self) -> dict[str, str]:
        """Host -> why it cannot be converged now."""
        why: dict[str, str] = {}
        for run, hosts in sorted(self.upstream.items()):
            why.update({host: f"waits for run {run}" for host in hosts if host in self.hosts})
        for host in self.hosts:
            if not self.ready.get(host, True):
                why[host] = "its node is not ready"
        return why


def job_of(
    context: Context,
    run: RunInput,
    limit: tuple[str, ...],
    secret_vars: Mapping[str, str],
    *,
    check: bool = False,
) -> Job:
    """The Ansible job of a run, limited to some hosts."""
    epoch = max(host.key_epoch for host in run.hosts.values())
    targets = {name: _target(context, run, name, host) for name, host in run.hosts.items()}
    derived = {
        name: context.secret.derive(f"var:{name}", context.site, epoch).hex()
        for name in run.derived_secrets
    }
    artifacts = context.artifacts()
    artifacts.mkdir(mode=0o700, parents=True, exist_ok=True)
    local = {"artifacts": str(artifacts), "depot_key": _depot_key(context)}
    return Job(
        playbook=run.playbook,
        targets=targets,
        login_key=login_key(context.secret, context.site, epoch).private,
        vars={**run.vars, **run.given, **local},
        secret_vars={**derived, **secret_vars},
        limit=limit,
        check=check,
        artifacts=str(artifacts),
    )


def _target(context: Context, run: RunInput, name: str, host: RunHost) -> Target:
    return Target(
        address=host.address,
        port=host.ssh_port,
        user=host.user,
        host_key=host_key(context.secret, host.system_uuid, host.key_epoch).public,
        groups=tuple(group for group, members in run.groups.items() if name in members),
    )


def _depot_key(context: Context) -> str:
    path = context.state.depot_key
    return path.read_text(encoding="ascii") if path.exists() else ""
