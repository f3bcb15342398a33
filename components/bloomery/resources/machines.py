"""What every component that puts software on machines is handed, and how it registers its runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from bloomery.plan.model import RunPlan
from bloomery.plan.wire import Wire, props
from bloomery.resources.claim import Claim
from bloomery.resources.node import Node
from bloomery.resources.run import Run

OF_THE_PROGRAMME = ("hosts", "needs", "layer", "thing", "kind", "noun")
"""Fields of a run plan that the programme uses itself; the resource is told the rest."""


@dataclass(frozen=True)
class Machines:
    """The machines of a site, and the runs registered on them so far."""

    site: str
    """Name of the site."""
    hosts: Mapping[str, Mapping[str, Wire]]
    """Node name -> how its host is reached (``plan.resource_inputs.host_props``)."""
    earlier: Mapping[str, str] = field(default_factory=dict)
    """Name of a run's resource -> its URN in stacks of the last release, where it was another."""
    nodes: dict[str, Node] = field(default_factory=dict)
    """Node name -> its resource, of all layers so far."""
    runs: dict[str, Run] = field(default_factory=dict)
    """Run name -> its resource, of all layers so far."""

    def register(
        self, plans: Sequence[RunPlan], parent: pulumi.Resource, after: Sequence[pulumi.Resource]
    ) -> tuple[Claim, ...]:
        """Register runs below ``parent``, each after those it needs and after ``after``.

        Returns the claims that they converged.
        """
        claims = []
        for plan in plans:
            name = f"run-{plan.name}"
            earlier = self.earlier.get(name)
            options = pulumi.ResourceOptions(
                parent=parent,
                depends_on=[*after],
                aliases=[earlier] if earlier else None,
            )
            run = self.runs[plan.name] = Run(name, self._inputs(plan), options)
            claims.append(_converged(plan, run))
        return tuple(claims)

    def _inputs(self, plan: RunPlan) -> dict[str, object]:
        before = {name: self.runs[name] for name in plan.needs}
        given = [run.outputs for run in before.values()]
        listed = {name for names in plan.groups.values() for name in names}
        return {
            **{key: value for key, value in props(plan).items() if key not in OF_THE_PROGRAMME},
            "site": self.site,
            "hosts": {name: self._host(name) for name in plan.hosts},
            "members": {
                name: self.hosts[name]["address"] for name in sorted(listed - {*plan.hosts})
            },
            "ready": {name: self.nodes[name].ready for name in plan.hosts},
            "upstream": {name: run.incomplete for name, run in before.items()},
            "given": pulumi.Output.all(*given).apply(_merged) if given else {},
        }

    def _host(self, name: str) -> dict[str, object]:
        return {**self.hosts[name], "installId": self.nodes[name].install_id}


def _converged(plan: RunPlan, run: Run) -> Claim:
    inputs = {"incomplete": run.incomplete, "reasons": run.reasons, "results": run.results}
    return Claim("converged", f"run {plan.name}", inputs)


def _merged(outputs: list[dict[str, str] | None]) -> dict[str, str]:
    """Facts of all runs before, in their order."""
    return {key: value for part in outputs for key, value in (part or {}).items()}
