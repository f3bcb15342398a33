"""What a Run resource was told, and the Ansible job that follows from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from bloomery.drivers.ansible.content import shipped_paths
from bloomery.drivers.ansible.protocol import Job, Target
from bloomery.plan.wire import from_wire
from bloomery.provider.context import Context
from bloomery.provider.values import Props, settled
from bloomery.trust.keys import host_key, login_key


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
    """Inventory group -> nodes; also such as the run does not converge."""
    hosts: Mapping[str, RunHost]
    """The hosts it converges."""
    content_digest: str
    members: Mapping[str, str] = field(default_factory=dict)
    """Node of the groups that is no host of the run -> its address."""
    reads: str = "none"
    """Membership its templates list: ``none``, ``groups`` or ``all``."""
    vars: Mapping[str, object] = field(default_factory=dict)
    """Variables of every host."""
    host_vars: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Host -> its variables beyond those."""
    given: Mapping[str, str] = field(default_factory=dict)
    """Outputs of the runs before."""
    ready: Mapping[str, bool] = field(default_factory=dict)
    """Host -> whether its node came up."""
    upstream: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Run before -> hosts that did not converge there."""
    derived_secrets: tuple[str, ...] = ()
    ships: tuple[str, ...] = ()
    """Files and folders of the package that travel with it."""
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
        parts = [
            self.content_digest,
            [self.vars, self.host_vars.get(host, {}), self.given],
            [name for name, members in self.groups.items() if host in members],
            self._membership if self.reads != "none" else "",
            [facts.install_id, facts.key_epoch, facts.address],
        ]
        text = json.dumps(parts, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def _membership(self) -> str:
        """Digest of groups, names and addresses, in the order in which templates see them."""
        listed = {
            group: [(name, self.address(name)) for name in names]
            for group, names in self.groups.items()
        }
        return hashlib.sha256(json.dumps(listed).encode()).hexdigest()

    def address(self, name: str) -> str:
        """Address of a host or member."""
        return self.hosts[name].address if name in self.hosts else self.members[name]

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
    targets |= {name: _member(run, name, address) for name, address in run.members.items()}
    derived = {
        name: context.secret.derive(f"var:{name}", context.site, epoch).hex()
        for name in run.derived_secrets
    }
    artifacts = context.artifacts()
    artifacts.mkdir(mode=0o700, parents=True, exist_ok=True)
    shipped = {name: str(path) for name, path in shipped_paths(run.ships).items()}
    # Files of the controller, never of the plan.
    local = {
        "artifacts": str(artifacts),
        "depot_key": _depot_key(context),
        "shipped": shipped,
    }
    return Job(
        playbook=run.playbook,
        targets=targets,
        login_key=login_key(context.secret, context.site, epoch).private,
        vars={**run.vars, **run.given, **local},
        secret_vars={**derived, **secret_vars},
        limit=limit or tuple(run.hosts),
        check=check,
        artifacts=str(artifacts),
    )


def _target(context: Context, run: RunInput, name: str, host: RunHost) -> Target:
    return Target(
        address=host.address,
        port=host.ssh_port,
        user=host.user,
        host_key=host_key(context.secret, host.system_uuid, host.key_epoch).public,
        groups=_groups(run, name),
        vars=run.host_vars.get(name, {}),
    )


def _member(run: RunInput, name: str, address: str) -> Target:
    """A machine that templates list and nobody logs in to: no key of its is handed out."""
    return Target(address=address, port=0, user="", host_key="", groups=_groups(run, name))


def _groups(run: RunInput, name: str) -> tuple[str, ...]:
    return tuple(group for group, members in run.groups.items() if name in members)


def _depot_key(context: Context) -> str:
    path = context.state.depot_key
    return path.read_text(encoding="ascii") if path.exists() else ""
