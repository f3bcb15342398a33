"""``bloomery:site:Site``."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from bloomery.plan.wire import Wire


class Site(pulumi.CustomResource):
    """The facts of a site that policies read; parent of everything else in its stack."""

    def __init__(
        self, name: str, facts: Mapping[str, Wire], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bloomery:site:Site", name, dict(facts), opts)
