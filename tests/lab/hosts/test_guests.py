"""Guests: a real Debian behind a real BMC endpoint."""

from __future__ import annotations

from bloomery.lab.spec import lab_id
from bloomery.lab.sweep import leftovers


async def test_power_on_installs_boots_and_answers_with_the_known_key(make_bench) -> None:
    bench = make_bench("one", "guest", 1)
    bench.up()
    await bench.install("n01")
    facts = await bench.boot("n01")
    assert (facts.site, facts.node, facts.generation) == (bench.name, "n01", 1)
    assert bench.bmc("n01").progress() == "OSRunning"
    bench.down()
    assert leftovers(lab_id(bench.name), bench.state.lab) == []
