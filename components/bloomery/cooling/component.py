"""``bloomery:cooling:CoolantLoop``."""

from __future__ import annotations

import pulumi

from bloomery.cooling.args import CoolantLoopArgs
from bloomery.resources.claim import Claim


class CoolantLoop(pulumi.ComponentResource):
    """One coolant loop (TCS). Its slice of the plan, CDUs included, is its properties.

    ``claims`` holds what is to be measured of it. It is not declared on the class: the SDK would
    take it for an output.
    """

    def __init__(
        self, name: str, args: CoolantLoopArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        shown = {"site": args.machines.site, "slice": dict(args.slice)}
        super().__init__("bloomery:cooling:CoolantLoop", name, shown, opts)
        self.claims: tuple[Claim, ...] = args.machines.register(args.runs, self, args.after)
        self.register_outputs({})
