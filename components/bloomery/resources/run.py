"""``bloomery:ansible:Run``."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

OUTPUTS = ("incomplete", "reasons", "results", "outputs", "nonce", "contentDigest")
"""What a run tells those that depend on it."""


class Run(pulumi.CustomResource):
    """One playbook on one group of hosts."""

    incomplete: pulumi.Output[list[str]]
    """Hosts that did not converge."""
    reasons: pulumi.Output[dict[str, str]]
    """Host -> why it did not."""
    results: pulumi.Output[dict[str, str]]
    """Host -> counts of the last run that touched it."""
    outputs: pulumi.Output[dict[str, str]]
    """Facts the playbook handed back."""
    nonce: pulumi.Output[str]
    """Secret: the nonce of a proof run; empty for others."""

    def __init__(
        self,
        name: str,
        inputs: Mapping[str, object],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        declared = dict.fromkeys(OUTPUTS)
        super().__init__("bloomery:ansible:Run", name, {**inputs, **declared}, opts)
