"""``bloomery:metal:Node``."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from bloomery.plan.wire import Wire

OUTPUTS = ("phase", "ready", "reason", "nextStep", "standing", "installId")
"""What a node tells those that depend on it."""


class Node(pulumi.CustomResource):
    """One machine, from powered off to reachable."""

    phase: pulumi.Output[str]
    """Phase it is in; ``reachable`` when all went well."""
    ready: pulumi.Output[bool]
    """Whether software can be put on it."""
    reason: pulumi.Output[str]
    """Why it stopped, in one line."""
    next_step: pulumi.Output[str]
    """What to do about it."""
    standing: pulumi.Output[str]
    """When it was worked on last, and how that ended, in one line."""
    install_id: pulumi.Output[str]
    """Changes when the machine is installed anew."""

    def __init__(
        self, name: str, inputs: Mapping[str, Wire], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        declared = dict.fromkeys(OUTPUTS)
        super().__init__("bloomery:metal:Node", name, {**inputs, **declared}, opts)
        self.next_step = pulumi.get(self, "nextStep")
        self.install_id = pulumi.get(self, "installId")
