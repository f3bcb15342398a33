"""What is run on the machines, over all nouns, in the order of its needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RunPlan:
    """One playbook on one set of hosts."""

    name: str
    """Name of the run: that of its kind, and of the thing it is for, where it is one of several."""
    kind: str
    """Name in ``cluster.runs``: ``base``, ``slurm``, ``train``, ``serve``..."""
    noun: str
    """Whose component registers it."""
    layer: str
    """One of ``bloomery.nouns.LAYERS``: what is below has been brought up before."""
    playbook: str
    """Name in ``ansible/playbooks``, without suffix."""
    hosts: tuple[str, ...]
    """Nodes it converges."""
    groups: Mapping[str, tuple[str, ...]]
    """Inventory group -> nodes: all that its templates list, also such as it does not converge."""
    needs: tuple[str, ...]
    """Names of the runs that must have converged before."""
    vars: Mapping[str, object]
    """Variables that are the same on every host, plain values of any type; no secrets."""
    host_vars: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Node -> its variables beyond those."""
    thing: str = ""
    """Pool, loop, network or tier that it is for; empty for a run of the whole site."""
    reads: str = "none"
    """Membership that is part of a host's digest: ``none``, ``groups`` or ``all``."""
    derived_secrets: tuple[str, ...] = ()
    """Names of variables whose values are derived from the site secret."""
    ships: tuple[str, ...] = ()
    """Files and folders of the package that travel with it."""
    proof: bool = False
    """True for a run that is handed a fresh nonce each time it converges."""

    @property
    def on(self) -> str:
        """How many machines of each group it converges: ``1 management, 2 training``."""
        hosts = frozenset(self.hosts)
        counts = {group: len(hosts.intersection(names)) for group, names in self.groups.items()}
        return ", ".join(f"{count} {group}" for group, count in counts.items() if count)
