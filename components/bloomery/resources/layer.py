"""``bloomery:site:Layer``."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from bloomery.plan.model import RunPlan
from bloomery.resources.node import Node
from bloomery.resources.run import Run


class Layer(pulumi.CustomResource):
    """A layer that carries those above it: it stands, or the update stops here with the reason."""

    stands: pulumi.Output[bool]
    """True; a layer that does not stand fails the update."""

    def __init__(
        self, name: str, inputs: Mapping[str, object], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bloomery:site:Layer", name, {**inputs, "stands": None}, opts)


def layer_inputs(
    site: str, layer: str, nodes: Mapping[str, Node], runs: Mapping[str, tuple[RunPlan, Run]]
) -> dict[str, object]:
    """What a layer is judged by: how its machines stand, and whom its runs left behind."""
    return {
        "site": site,
        "name": layer,
        "machines": {name: node.standing for name, node in nodes.items()},
        "runs": {
            name: {"hosts": list(plan.hosts), "incomplete": run.incomplete, "reasons": run.reasons}
            for name, (plan, run) in runs.items()
        },
    }
