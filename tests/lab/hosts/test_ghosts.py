"""Ghosts: many machines in one process, without root-only kernel objects."""

from __future__ import annotations

import asyncio
import time


async def test_eight_ghosts_are_installed_and_answer_within_seconds(make_bench) -> None:
    bench = make_bench("eight", "ghost", 8)
    begun = time.monotonic()
    bench.up()
    names = [node.name for node in bench.plan.metal.nodes]
    await asyncio.gather(*(bench.install(name) for name in names))
    facts = await asyncio.gather(*(bench.boot(name) for name in names))
    assert [fact.node for fact in facts] == names
    assert {fact.generation for fact in facts} == {1}
    assert time.monotonic() - begun < 20
