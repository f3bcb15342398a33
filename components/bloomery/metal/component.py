"""``bloomery:metal:NodePool``."""

from __future__ import annotations

import pulumi

from bloomery.metal.args import NodePoolArgs
from bloomery.resources.node import Node
from bloomery.resources.traces import brief_traces


class NodePool(pulumi.ComponentResource):
    """Nodes of one model and purpose; ``nodes`` holds the resources by name."""

    def __init__(
        self, name: str, args: NodePoolArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        shown = {"site": args.site, "pool": args.pool, "nodes": sorted(args.nodes)}
        super().__init__("bloomery:metal:NodePool", name, shown, opts)
        options = pulumi.ResourceOptions(parent=self, protect=args.protect or None)
        self.nodes: dict[str, Node] = {}
        with brief_traces():
            for node, inputs in args.nodes.items():
                self.nodes[node] = Node(node, inputs, options)
        self.register_outputs({})
