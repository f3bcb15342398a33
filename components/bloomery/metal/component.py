"""``bloomery:metal:NodePool``."""

from __future__ import annotations

import pulumi

from bloomery.metal.args import NodePoolArgs
from bloomery.resources.node import Node


class NodePool(pulumi.ComponentResource):
    """Nodes of one model and purpose; ``nodes`` holds the resources by name."""

    def __init__(
        self, name: str, args: NodePoolArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        shown = {"site": args.site, "pool": args.pool, "nodes": sorted(args.nodes)}
        super().__init__("bloomery:metal:NodePool", name, shown, opts)
        options = pulumi.ResourceOptions(parent=self, protect=args.protect or None)
        self.nodes: dict[str, Node] = {
            node: Node(node, inputs, options) for node, inputs in args.nodes.items()
        }
        self.register_outputs({"phases": {key: node.phase for key, node in self.nodes.items()}})
