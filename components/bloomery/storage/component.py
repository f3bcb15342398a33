"""``bloomery:storage:StorageTier``."""

from __future__ import annotations

import pulumi

from bloomery.resources.claim import Claim
from bloomery.storage.args import StorageTierArgs


class StorageTier(pulumi.ComponentResource):
    """One storage tier. Its slice of the plan, and where data may lie, are its properties.

    ``claims`` holds what is to be measured of it. It is not declared on the class: the SDK would
    take it for an output.
    """

    def __init__(
        self, name: str, args: StorageTierArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        shown = {"site": args.machines.site, "slice": dict(args.slice)}
        super().__init__("bloomery:storage:StorageTier", name, shown, opts)
        self.claims: tuple[Claim, ...] = args.machines.register(args.runs, self, args.after)
        self.register_outputs({})
