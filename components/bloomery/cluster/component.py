"""``bloomery:cluster:Cluster``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from bloomery.cluster.args import ClusterArgs
from bloomery.plan.model import RunPlan
from bloomery.plan.wire import Wire, props
from bloomery.resources.acceptance import Acceptance
from bloomery.resources.run import Run


class Cluster(pulumi.ComponentResource):
    """The runs in the order they need each other, and the acceptance after all of them.

    ``runs`` holds the Run resources by name, ``acceptance`` the measurement that ends
    the update. Neither is declared on the class: the SDK would take it for an output.
    """

    def __init__(
        self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        shown = {"site": args.site, **props(args.plan)}
        super().__init__("bloomery:cluster:Cluster", name, shown, opts)
        self.runs: dict[str, Run] = {}
        child = pulumi.ResourceOptions(parent=self)
        for plan in args.plan.runs:
            self.runs[plan.name] = Run(f"run-{plan.name}", self._run(args, plan), child)
        self.acceptance = Acceptance("acceptance", self._acceptance(args), child)
        self.register_outputs({"outcome": self.acceptance.outcome})

    def _run(self, args: ClusterArgs, plan: RunPlan) -> dict[str, object]:
        names = sorted({name for group in plan.groups.values() for name in group})
        before = {name: self.runs[name] for name in plan.needs}
        given = [run.outputs for run in before.values()]
        return {
            **{key: value for key, value in props(plan).items() if key != "needs"},
            "site": args.site,
            "hosts": {name: _host(args, name) for name in names},
            "ready": {name: args.nodes[name].ready for name in names},
            "upstream": {name: run.incomplete for name, run in before.items()},
            "given": pulumi.Output.all(*given).apply(_merged) if given else {},
        }

    def _acceptance(self, args: ClusterArgs) -> dict[str, object]:
        shared = _shared([args.hosts[name] for name in args.nodes])
        proof = [self.runs[run.name].nonce for run in args.plan.runs if run.proof]
        return {
            "planDigest": args.plan_digest,
            # How to reach them is known before they exist; how they ended is in "nodes".
            "everyHost": shared,
            "hosts": {name: _beyond(args.hosts[name], shared) for name in args.nodes},
            "nodes": {
                name: {
                    "phase": node.phase,
                    "ready": node.ready,
                    "reason": node.reason,
                    "nextStep": node.next_step,
                }
                for name, node in args.nodes.items()
            },
            "runs": {
                name: {
                    "incomplete": run.incomplete,
                    "reasons": run.reasons,
                    "results": run.results,
                }
                for name, run in self.runs.items()
            },
            "endpoint": args.plan.endpoint,
            "modelName": args.plan.model_name,
            "nonce": proof[0] if proof else "",
        }


def _host(args: ClusterArgs, name: str) -> dict[str, object]:
    return {**args.hosts[name], "installId": args.nodes[name].install_id}


def _shared(hosts: Sequence[Mapping[str, Wire]]) -> dict[str, Wire]:
    """What is the same of all hosts, such as port and user: told once, not once a host."""
    if not hosts:
        return {}
    first, *others = hosts
    return {k: v for k, v in first.items() if all(k in o and o[k] == v for o in others)}


def _beyond(host: Mapping[str, Wire], shared: Mapping[str, Wire]) -> dict[str, Wire]:
    return {key: value for key, value in host.items() if key not in shared}


def _merged(outputs: list[dict[str, str] | None]) -> dict[str, str]:
    """Facts of all runs before, in their order."""
    return {key: value for part in outputs for key, value in (part or {}).items()}
