"""The emulator as ``bloomery bmc`` sees it: read whole, written never, recorded anonymously."""

from __future__ import annotations

import json

from bloomery.drivers.redfish.protocol import Sought
from bloomery.drivers.redfish.recorder.scrub import scrub
from bloomery.provider.phases.node.prospects import prospects


def test_every_phase_would_work(wire) -> None:
    bmc = wire.login()
    wire.fake.calls.clear()
    found = bmc.describe()
    facts = found.facts
    wanted = Sought(facts.bmc_macs[0], wire.serial, facts.system_uuid)
    assert {one.phase: one.why for one in prospects(found, wanted) if one.works != "yes"} == {}
    assert {method for method, _, _ in wire.fake.calls} == {"GET"}


def test_recording_has_no_identity(wire) -> None:
    bmc = wire.login()
    facts = bmc.facts()
    wire.fake.calls.clear()
    crawled = bmc.crawl(500, 60, lambda _read, _more: None)
    assert {method for method, _, _ in wire.fake.calls} == {"GET"}
    before = json.dumps(crawled.resources).lower()
    after = json.dumps(scrub(crawled.resources, b"k" * 32)).lower()
    for one in (*facts.bmc_macs, wire.serial.lower(), facts.system_uuid):
        assert one in before and one not in after
    assert crawled.left == 0 and len(crawled.resources) > 20
