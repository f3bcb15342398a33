"""The emulator's replies as recorded in tests/replies/lab: same shape, DMTF rules, readable.

With BLOOMERY_RECORD=1 the recording is written anew; look at the diff before committing.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
import requests
import sushy
import sushy.connector

from bloomery.drivers.redfish.client import RedfishBmc
from bloomery.drivers.redfish.protocol import ANY
from bloomery.drivers.redfish.session import Session
from bloomery.drivers.redfish.tree import Tree
from bloomery.drivers.redfish.wire import Pace, Wire

FOLDER = Path(__file__).parents[2] / "replies" / "lab"

VOLATILE = {
    "@odata.etag": 'W/"0123456789abcdef"',
    "CertificateString": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    "Fingerprint": "00:11",
    "SerialNumber@certificate": "1f",
    "ValidNotBefore": "2020-01-01T00:00:00+00:00",
    "ValidNotAfter": "2021-01-01T00:00:00+00:00",
    "StartTime": "2020-01-01T00:00:00+00:00",
    "EndTime": "2020-01-01T00:00:00+00:00",
}
"""Values that differ each time, and what stands for them in a recording."""

TYPE = re.compile(r"#([A-Za-z]+)\.(v\d+_\d+_\d+\.)?\1")


def settled(path: str, body: object) -> object:
    """A body with volatile values replaced."""
    if isinstance(body, list):
        return [settled(path, one) for one in body]
    if not isinstance(body, dict):
        return body
    kind = "certificate" if "/Certificates/" in path else ""
    return {
        key: VOLATILE.get(key, VOLATILE.get(f"{key}@{kind}", settled(path, value)))
        for key, value in body.items()
    }


def links(body: object) -> set[str]:
    """Every resource a body refers to."""
    if isinstance(body, list):
        return set().union(*map(links, body))
    if not isinstance(body, dict):
        return set()
    own = {body["@odata.id"]} if "@odata.id" in body else set()
    found = own.union(*map(links, body.values()))
    return {path.partition("#")[0].rstrip("/") for path in found}


def crawl(raw) -> dict[str, object]:
    """Every reply that can be reached from the service root."""
    todo, replies = {"/redfish/v1"}, {}
    while todo:
        path = todo.pop()
        reply = raw.get(path)
        assert reply.status_code == 200, path
        replies[path] = settled(path, reply.json())
        todo |= links(reply.json()) - set(replies)
    return replies


def file_of(path: str) -> Path:
    name = path.removeprefix("/redfish/v1").strip("/").replace("/", "_") or "ServiceRoot"
    return FOLDER / f"{name}.json"


def recorded() -> dict[str, dict]:
    replies = [json.loads(file.read_text()) for file in sorted(FOLDER.glob("*.json"))]
    return {reply["@odata.id"].rstrip("/"): reply for reply in replies}


@pytest.fixture
def furnished(wire, raw):
    """A BMC with something in every collection."""
    wire.metal.on = True
    bmc = wire.login()
    bmc.set_bios({"SecureBoot": "Enabled"})
    bmc.insert_media("Cd", "https://127.80.0.9:8480/media/debian.iso")
    bmc.boot_once("Cd")
    bmc.set_asset_tag("bloomery/kyiv/g1")
    bmc.close()
    wire.do(lambda: wire.fake.firmware.update("https://127.80.0.9/bios-1.9.0.cap", "BIOS"))
    wire.clock.ahead += 1
    return raw


def test_emulator_answers_as_recorded(furnished):
    live = crawl(furnished)
    if os.environ.get("BLOOMERY_RECORD"):
        for file in FOLDER.glob("*.json"):
            file.unlink()
        for path, body in live.items():
            file_of(path).write_text(json.dumps(body, indent=1) + "\n")
    assert live == recorded()


def test_recording_follows_the_rules_of_dsp0266():
    replies = recorded()
    assert len(replies) > 30
    for path, body in replies.items():
        assert body["@odata.id"].rstrip("/") == path
        assert TYPE.fullmatch(body["@odata.type"]), path
        assert body["Name"]
        if "Members" in body:
            assert body["Members@odata.count"] == len(body["Members"])
            assert "Id" not in body
        else:
            assert body["Id"]
        assert links(body) <= set(replies), path


class Replay(sushy.connector.Connector):
    """Answers from the recording; writes are not recorded."""

    def _op(self, method, path="", **_options):
        assert method == "GET"
        reply = requests.Response()
        reply.status_code = 200
        reply._content = json.dumps(recorded()[path.rstrip("/")]).encode()
        return reply


def test_driver_reads_the_recording():
    connector = Replay("https://replay")
    wire = Wire("replay", connector, Pace())
    tree = Tree(wire, wire.get("/redfish/v1").body, ANY)
    facts = RedfishBmc("replay", wire, Session(wire, connector, "admin"), tree).facts()
    assert (facts.bmc_macs, facts.serials["the chassis"]) == (("02:80:00:00:00:42",), "BLM0042")
    assert (facts.power, facts.boot_once, facts.boot_progress) == ("On", "Cd", "OSRunning")
    assert facts.bios_pending == {"SecureBoot": "Enabled"}
    assert facts.media == {"Cd": "https://127.80.0.9:8480/media/debian.iso"}
    assert facts.asset_tag == "bloomery/kyiv/g1"
