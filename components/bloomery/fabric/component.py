"""``bloomery:fabric:Fabric``."""

from __future__ import annotations

import pulumi

from bloomery.fabric.args import FabricArgs
from bloomery.resources.claim import Claim


class Fabric(pulumi.ComponentResource):
    """One network of the fabric. Its slice of the plan is its properties.

    ``claims`` holds what is to be measured of it. It is not declared on the class: the SDK would
    take it for an output.
    """

    def __init__(
        self, name: str, args: FabricArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        shown = {"site": args.machines.site, "slice": dict(args.slice)}
        super().__init__("bloomery:fabric:Fabric", name, shown, opts)
        self.claims: tuple[Claim, ...] = args.machines.register(args.runs, self, args.after)
        self.register_outputs({})
