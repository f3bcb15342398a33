"""``bloomery:evidence:Acceptance``."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

OUTPUTS = ("outcome", "passed", "measurement")
"""What the acceptance found."""


class Acceptance(pulumi.CustomResource):
    """The site measured; it fails the update while anything does not pass."""

    outcome: pulumi.Output[str]
    """``pass`` or ``fail``."""
    passed: pulumi.Output[str]
    """Verdicts that passed of all, as ``11/11``."""
    measurement: pulumi.Output[str]
    """File name of the measurement in the site's evidence."""

    def __init__(
        self,
        name: str,
        inputs: Mapping[str, object],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        declared = dict.fromkeys(OUTPUTS)
        super().__init__("bloomery:evidence:Acceptance", name, {**inputs, **declared}, opts)
