"""``bloomery:cooling:CoolantLoop``."""

from __future__ import annotations

import pulumi

from bloomery.cooling.args import CoolantLoopArgs
from bloomery.plan.wire import props


class CoolantLoop(pulumi.ComponentResource):
    """A coolant loop (TCS) of the site. Its slice of the plan is its properties."""

    def __init__(
        self, name: str, args: CoolantLoopArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bloomery:cooling:CoolantLoop", name, props(args), opts)
        self.register_outputs({})
