"""``bloomery:storage:StorageTier``."""

from __future__ import annotations

import pulumi

from bloomery.plan.wire import props
from bloomery.storage.args import StorageTierArgs


class StorageTier(pulumi.ComponentResource):
    """A storage tier of the site. Its slice of the plan is its properties."""

    def __init__(
        self, name: str, args: StorageTierArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bloomery:storage:StorageTier", name, props(args), opts)
        self.register_outputs({})
