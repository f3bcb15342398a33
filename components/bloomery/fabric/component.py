"""``bloomery:fabric:Fabric``."""

from __future__ import annotations

import pulumi

from bloomery.fabric.args import FabricArgs
from bloomery.plan.wire import props


class Fabric(pulumi.ComponentResource):
    """A network fabric of the site. Its slice of the plan is its properties."""

    def __init__(
        self, name: str, args: FabricArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bloomery:fabric:Fabric", name, props(args), opts)
        self.register_outputs({})
