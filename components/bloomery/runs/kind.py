"""One kind of run: everything about it that does not depend on a site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from bloomery.nouns import Noun

if TYPE_CHECKING:
    from bloomery.plan.model import NodePlan, Plan
    from bloomery.site import Site

Reads = Literal["none", "groups", "all"]
"""Which machines the templates of a run list: nobody beside the host itself, the run's own
groups over the whole site, or every machine of the site."""

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value]"
"""A variable of a playbook, typed as Ansible gets it. Numbers cross the engine without a type:
one without a fraction arrives as a whole number."""

Variables: TypeAlias = "Callable[[Site, Plan, NodePlan], Mapping[str, Value]]"
"""Site as ordered, its plan (without runs) and one machine -> that machine's variables."""


@dataclass(frozen=True)
class RunKind:
    """One kind of run; ``cluster.runs`` of a site names those that it wants."""

    name: str
    """Name in ``cluster.runs``; its file has the same name, with underscores for hyphens."""
    noun: Noun
    """Whose component registers the run."""
    groups: Mapping[str, str]
    """Purpose of a pool -> inventory group of its machines; other machines are left alone."""
    variables: Variables
    """Values per machine. Never a secret: they are stored and shown."""
    playbook: str = ""
    """Name in ``ansible/playbooks``, without suffix; empty: that of the run."""
    needs: tuple[str, ...] = ()
    """Runs that must have converged before, of any noun."""
    minimum: Mapping[str, int] = field(default_factory=dict)
    """Purpose -> machines without which the run cannot do its work."""
    advised: Mapping[str, int] = field(default_factory=dict)
    """Purpose -> machines below which it works and proves less than it should."""
    derived_secrets: tuple[str, ...] = ()
    """Variables whose values the provider derives from the site secret."""
    reads: Reads = "none"
    """Membership that its templates list. It is part of every host's digest, so a machine that
    joins, leaves or changes its address converges whoever lists it."""
    ships: tuple[str, ...] = ()
    """Files and folders inside the package ``bloomery`` that travel with the run: agents, register
    maps. Their bytes are part of its content; the playbook finds them in ``shipped``."""
    proof: bool = False
    """True for a run that is handed a fresh nonce each time it converges."""
