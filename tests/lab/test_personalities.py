"""One machine of every personality of BMC, from powered off to reachable, in one site."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lab_under_test import Pool, Story, changes, write_site

from bloomery.drivers.redfish.fake.personalities import PERSONALITIES

Begin = Callable[..., Story]

POOLS = {
    name: Pool(
        name,
        1,
        personality=name,
        media_transport="" if "https" in shape.media.schemes else "http",
    )
    for name, shape in PERSONALITIES.items()
}

CHANGED_FIRST = ("gb200", "gb300", "idrac10", "ilo6", "xcc2")
"""Those that answer nothing until the factory password is changed."""

TELL_LITTLE = ("gb300", "smc-h100", "ami")
"""Those without an asset tag, or without a BootProgress that moves."""

VERIFY = ("xcc2", "uefi-http")
"""Those that are given the site CA and verify by it."""

TELLS = {
    "dgx-h100": ("ami (", "remote media enabled", "/redfish/v1/Systems/DGX/SD"),
    "gb200": ("standard (", "VirtualMedia/USB1", "/redfish/v1/Systems/System_0/Settings"),
    "gb300": ("standard (", "VirtualMedia/USB1", "/redfish/v1/Systems/System_0/Settings"),
    "idrac9": ("dell (", "Managers/iDRAC.Embedded.1/VirtualMedia/CD", "OnReset"),
    "idrac10": ("dell (", "Systems/System.Embedded.1/VirtualMedia/1", "OnReset"),
    "ilo6": ("standard (", "Managers/1/VirtualMedia/2", "/redfish/v1/systems/1/bios/settings"),
    "xcc1": ("lenovo (", "Managers/1/VirtualMedia/EXT1 by patch"),
    "xcc2": ("lenovo (", "VirtualMedia/EXT1 by patch", "/redfish/v1/Systems/1/Bios/Pending"),
    "uefi-http": ("Cd in /redfish/v1/Systems/1 by http boot", "'Cd': 'UefiHttp'"),
    "smc-h100": ("supermicro (", "'Cd': 'UsbCd'", "/redfish/v1/Systems/1/Bios/SD"),
    "ami": ("ami (", "remote media enabled", "BIOS: /redfish/v1/Systems/Self/Bios"),
    "standard": ("standard (", "VirtualMedia/Seed", "/redfish/v1/Systems/1/Bios/Settings"),
}
"""What the journal says of how each was spoken to."""


def test_every_personality_comes_up_stays_and_is_repaired(story: Begin, tmp_path: Path) -> None:
    bios = {"WorkloadProfile": "MaxPerformance"}
    write_site(tmp_path / "inventories", "kinds", 144, tuple(POOLS.values()), bios=bios)
    told = story("kinds", patience=0.05)
    told.lab_up()
    told.ready()
    done = told.up()
    seen = told.resources()
    for name in POOLS:
        node = seen[f"{name}-01"]
        assert node["ready"] is True, f"{name}: {node}"
        assert told.installations(f"{name}-01") == 1
        assert told.power(f"{name}-01") == "On"
    assert done.returncode == 0, done.stdout
    for name, words in TELLS.items():
        said = _observed(told, f"{name}-01", "personality")
        assert all(word in said for word in words), f"{name}: {said}"
        assert _changed_first(told, f"{name}-01") is (name in CHANGED_FIRST), name
        trust = _observed(told, f"{name}-01", "media trust")
        assert trust.startswith("verified: " if name in VERIFY else "not verified: "), trust
    before = {name: len(told.journal(f"{name}-01")) for name in POOLS}
    again = told.up()
    assert again.returncode == 0, again.stdout
    assert not set(changes(again)) & {"created", "updated", "deleted", "replaced"}, again.stdout
    assert {name: len(told.journal(f"{name}-01")) for name in POOLS} == before
    for name in TELL_LITTLE:
        told.force_off(f"{name}-01")
    repaired = told.up("--refresh")
    assert repaired.returncode == 0, repaired.stdout
    assert {told.power(f"{name}-01") for name in POOLS} == {"On"}
    assert {told.installations(f"{name}-01") for name in POOLS} == {1}, "nobody was wiped"


def _observed(told: Story, node: str, what: str) -> str:
    return next(
        str(line["data"]["said"])
        for line in told.journal(node)
        if line.get("data", {}).get("observed") == what
    )


def _changed_first(told: Story, node: str) -> bool:
    """Whether the password was changed before the machine was identified."""
    lines = told.journal(node)
    change = next(
        at
        for at, line in enumerate(lines)
        if (line["phase"], line["event"]) == ("credentials", "intent")
    )
    told_apart = next(
        at for at, line in enumerate(lines) if line.get("data", {}).get("observed") == "identity"
    )
    return change < told_apart
