"""A restarted emulator remembers all but its sessions."""

from __future__ import annotations

import json

import pytest

from bloomery.errors import CredentialRefused, LockedOut, SessionEnded


def test_state_is_kept_over_a_restart(rig, bmc):
    bmc.set_password("admin", "Derived-9pass-7z")
    if rig.tagged:
        bmc.set_asset_tag("bloomery/kyiv/g2")
    bmc.set_bios({"LogicalProc": "Disabled"})
    rig.power(bmc, "On")
    bmc.set_bios({"SecureBoot": "Enabled"})
    bmc.insert_media(rig.media[-1], rig.url("https://127.80.0.9/seed"))
    bmc.boot_once("Hdd")
    rig.do(lambda: rig.fake.firmware.update("https://127.80.0.9/bios-1.9.0.bin", "BIOS"))
    rig.clock.ahead += 1
    before = bmc.facts()
    rig.restart()
    with pytest.raises(SessionEnded):
        bmc.facts()
    again = rig.login("Derived-9pass-7z")
    assert again.facts() == before
    rig.power(again, "ForceRestart")
    assert again.facts().bios_version == "1.9.0"  # staged before, applied after


def test_lock_out_is_kept_over_a_restart(rig):
    for _ in range(5):
        with pytest.raises(CredentialRefused):
            rig.login("wrong")
    rig.restart()
    with pytest.raises(LockedOut):
        rig.login()


def test_fault_is_kept_over_a_restart(rig):
    rig.do(lambda: rig.fake.faults.apply("account-locked"))
    rig.restart()
    with pytest.raises(LockedOut):
        rig.login()


def test_snapshot_is_json_without_passwords(rig, bmc):
    bmc.set_password("admin", "Derived-9pass-7z")
    text = json.dumps(rig.saved)
    assert json.loads(text) == rig.saved == rig.fake.snapshot()
    assert "Derived-9pass-7z" not in text


def test_snapshot_of_another_format_is_refused(rig):
    rig.saved = {**rig.fake.snapshot(), "format": 2}
    with pytest.raises(ValueError, match="format"):
        rig.restart()
    rig.saved = None
    rig.start()
