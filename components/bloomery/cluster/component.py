"""``bloomery:cluster:Cluster``."""

from __future__ import annotations

import pulumi

from bloomery.cluster.args import ClusterArgs
from bloomery.plan.wire import props, to_wire
from bloomery.resources.claim import Claim


class Cluster(pulumi.ComponentResource):
    """What runs on the machines together, and what is served.

    ``claims`` holds what is to be measured of it. It is not declared on the class: the SDK would
    take it for an output.
    """

    def __init__(
        self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        shown = {"site": args.machines.site, "runs": to_wire(args.runs), **props(args.plan)}
        super().__init__("bloomery:cluster:Cluster", name, shown, opts)
        converged = args.machines.register(args.runs, self, args.after)
        self.claims: tuple[Claim, ...] = (*converged, *_serving(args))
        self.register_outputs({})


def _serving(args: ClusterArgs) -> tuple[Claim, ...]:
    """That the server knows what only the newest proof run can have taught it."""
    if not args.plan.endpoint:
        return ()
    proofs = [args.machines.runs[run.name].nonce for run in args.runs if run.proof]
    secrets = {"nonce": proofs[-1]} if proofs else {}
    return (Claim("serving", args.plan.endpoint, {"model": args.plan.model_name}, secrets),)
