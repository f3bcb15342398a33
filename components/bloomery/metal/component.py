"""``bloomery:metal:NodePool``."""

from __future__ import annotations

import pulumi

from bloomery.metal.args import NodePoolArgs
from bloomery.resources.claim import Claim
from bloomery.resources.node import Node
from bloomery.resources.traces import brief_traces


class NodePool(pulumi.ComponentResource):
    """Nodes of one model and purpose. What is run for one pool alone is run below it.

    ``nodes`` holds the resources by name, ``claims`` what is to be measured of them. Neither is
    declared on the class: the SDK would take it for an output.
    """

    def __init__(
        self, name: str, args: NodePoolArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        machines = args.machines
        shown = {"site": machines.site, "pool": args.pool, "nodes": sorted(args.nodes)}
        super().__init__("bloomery:metal:NodePool", name, shown, opts)
        options = pulumi.ResourceOptions(
            parent=self, depends_on=[*args.after], protect=args.protect or None
        )
        self.nodes: dict[str, Node] = {}
        with brief_traces():
            for node, inputs in args.nodes.items():
                self.nodes[node] = Node(node, inputs, options)
        machines.nodes.update(self.nodes)
        self.claims: tuple[Claim, ...] = (
            *(self._reachable(args, node) for node in self.nodes),
            *machines.register(args.runs, self, args.after),
        )
        self.register_outputs({})

    def _reachable(self, args: NodePoolArgs, node: str) -> Claim:
        host = args.machines.hosts[node]
        return Claim("reachable", node, {**host, "standing": self.nodes[node].standing})
