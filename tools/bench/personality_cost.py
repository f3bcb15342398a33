"""What a machine of each personality costs in CPU: the provider's part and the emulator's.

The handlers of the provider in this process, without an engine, over the lab's BMCs: one
personality after the other, so that what was used between two of them belongs to one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.ground import Ground, Group, ground, lab_up
from bench.mixed_site import lab_process
from bench.process_tree import usage
from bench.rounds import Say
from bench.row import BenchError, Figure, Row
from bloomery.drivers.redfish.fake.personalities import PERSONALITIES
from bloomery.lab.delays import Delays
from bloomery.plan.model import NodePlan
from bloomery.plan.resource_inputs import node_props
from bloomery.provider.bmc import BmcLinks
from bloomery.provider.context import Context
from bloomery.provider.log import EngineLog
from bloomery.provider.node import NodeHandler
from bloomery.provider.values import of_wire

MEANING = (
    "CPU seconds from powered off to reachable of one machine of each personality, provider and "
    "emulator; theirs: one of the plain personality in the same run"
)

NOBODY = "127.0.0.1:9"
"""Address of an engine that is not there: what is logged is lost, as the provider allows."""

PLAIN = "standard"
"""The personality all others are held against."""


@dataclass(frozen=True)
class Cost:
    """CPU seconds of one machine."""

    provider: float
    lab: float


def rows(say: Say, *, quick: bool) -> Iterator[Row]:
    """One row a personality, the plain one first."""
    count = 2 if quick else 8
    names = [PLAIN, *(name for name in PERSONALITIES if name != PLAIN)]
    # The first machines pay for what is imported and made once.
    groups = [Group("first", 2), *(Group(name, count, personality=name) for name in names)]
    with ground("benchkinds", groups) as site:
        delays = {node.name: Delays(0.0, 0.0, 0.0) for node in site.plan.metal.nodes}
        lab_up(site, 0.0, delays)
        costs = asyncio.run(_measure(site, names, say))
    plain = costs[PLAIN]
    for name, cost in costs.items():
        yield Row(
            name,
            f"{count} machines",
            Figure((cost.provider,), "s"),
            Figure((plain.provider,), "s"),
            note=f"emulator {cost.lab:.2f} s",
            extra={"lab_cpu_s": cost.lab},
        )


async def _measure(site: Ground, names: Sequence[str], say: Say) -> Mapping[str, Cost]:
    context = Context(EngineLog(NOBODY), env=site.env)
    context.configure({"site": site.name, "secret": "file:secret", "patience": 0.05})
    handler = NodeHandler(context, BmcLinks(context))
    pools: dict[str, list[NodePlan]] = {}
    for node in site.plan.metal.nodes:
        pools.setdefault(node.pool, []).append(node)
    await _bring_up(site, handler, pools["first"])
    costs = {}
    for name in names:
        mine, lab = time.process_time(), _lab_cpu(site)
        await _bring_up(site, handler, pools[name])
        count = len(pools[name])
        costs[name] = Cost((time.process_time() - mine) / count, (_lab_cpu(site) - lab) / count)
        say(f"{name}: provider {costs[name].provider:.3f} s, emulator {costs[name].lab:.3f} s")
    await context.media.close()
    return costs


async def _bring_up(site: Ground, handler: NodeHandler, nodes: Sequence[NodePlan]) -> None:
    made = await asyncio.gather(
        *(
            handler.create(f"urn:{node.name}", of_wire(node_props(site.plan, node)))
            for node in nodes
        )
    )
    for node, (_, props) in zip(nodes, made, strict=True):
        if props["ready"] is not True:
            raise BenchError(f"{node.name} is stuck in {props['phase']}: {props['reason']}")


def _lab_cpu(site: Ground) -> float:
    used = usage(lab_process(site))
    if used is None:
        raise BenchError("the lab ended while its machines were brought up")
    return used.cpu_s
