"""Systems: identity, power, boot."""

from __future__ import annotations

from bloomery.drivers.redfish.fake import FakeBmc, Refusal
from bloomery.lab.redfish import identity, media_cas
from bloomery.lab.redfish.jobs import accepted
from bloomery.lab.redfish.media import media_link
from bloomery.lab.redfish.places import places
from bloomery.lab.redfish.reply import (
    DONE,
    ROOT,
    Call,
    Json,
    Reply,
    link,
    only,
    part,
    resource,
    text,
)

OVERRIDE = ("BootSourceOverrideTarget", "BootSourceOverrideEnabled", "BootSourceOverrideMode")
"""What can be written of Boot."""

URI = "HttpBootUri"
"""And this, where firmware starts from URLs."""

STAYS = "SystemHardwareInitializationComplete"
"""BootProgress of boards whose firmware tells nothing after it."""


def system(fake: FakeBmc) -> Json:
    """The ComputerSystem."""
    at = places(fake.personality)
    body = resource(
        at.system,
        "ComputerSystem.v1_20_1.ComputerSystem",
        "System",
        SystemType="Physical",
        Manufacturer=fake.personality.layout.manufacturer,
        Model=fake.identity.model,
        **identity.serials(fake),
        UUID=identity.uuid(fake),
        **identity.tag(fake),
        PowerState=fake.power.state(),
        BiosVersion=fake.firmware.version("BIOS"),
        **_progress(fake),
        Boot=_boot(fake) if _takes_override(fake, at.system) else _no_override(),
        Status=_status(fake),
        Bios=link(at.bios),
        **media_link(fake, at.system),
        Links={"Chassis": [link(at.chassis)], "ManagedBy": [link(at.manager)]},
        Actions={"#ComputerSystem.Reset": _reset_action(fake)},
    )
    if at.system_settings:
        body["@Redfish.Settings"] = {
            "@odata.type": "#Settings.v1_3_5.Settings",
            "SettingsObject": link(at.system_settings),
        }
    return body


def settings(fake: FakeBmc) -> Json:
    """What waits for the next boot; on some the boot order alone."""
    at = places(fake.personality)
    here = _takes_override(fake, at.system_settings)
    return resource(
        at.system_settings,
        "ComputerSystem.v1_20_1.ComputerSystem",
        "Settings of the system",
        Boot=_boot(fake) if here else {"BootOrder": ["Boot0000"]},
    )


def _takes_override(fake: FakeBmc, path: str) -> bool:
    at, where = places(fake.personality), fake.personality.habits.override_at
    return path == (at.system_settings if where == "settings" else at.system)


def _no_override() -> Json:
    """The override of a system that takes it elsewhere: none is ever in force between boots."""
    return {
        "BootSourceOverrideEnabled": "Disabled",
        "BootSourceOverrideMode": "UEFI",
        "BootSourceOverrideTarget": "None",
    }


def _progress(fake: FakeBmc) -> Json:
    form = fake.personality.writing.progress
    if form == "absent":
        return {}
    told = fake.power.boot_progress()
    past = form == "stays" and told.startswith("OS")
    return {"BootProgress": {"LastState": STAYS if past else told}}


def _reset_action(fake: FakeBmc) -> Json:
    path, habits = f"{ROOT}{places(fake.personality).system}", fake.personality.habits
    action: Json = {"target": f"{path}/Actions/ComputerSystem.Reset"}
    if habits.resets_told == "listed":
        action["ResetType@Redfish.AllowableValues"] = list(habits.resets)
    else:
        action["@Redfish.ActionInfo"] = f"{path}/ResetActionInfo"
    return action


def reset_info(fake: FakeBmc) -> Json:
    """Which resets are offered."""
    types = list(fake.personality.habits.resets)
    return resource(
        f"{places(fake.personality).system}/ResetActionInfo",
        "ActionInfo.v1_4_2.ActionInfo",
        "Reset",
        Parameters=[{"Name": "ResetType", "Required": True, "AllowableValues": types}],
    )


def _boot(fake: FakeBmc) -> Json:
    override = fake.power.override()
    by_http = {URI: override.uri} if fake.personality.habits.http_boot else {}
    return {
        **by_http,
        **media_cas.of_firmware(fake),
        "BootSourceOverrideEnabled": override.enabled,
        "BootSourceOverrideMode": "UEFI",
        "BootSourceOverrideTarget": override.target,
        "BootSourceOverrideTarget@Redfish.AllowableValues": list(fake.personality.habits.targets),
    }


def _status(fake: FakeBmc) -> Json:
    state = "Enabled" if fake.power.state() == "On" else "StandbyOffline"
    if not fake.power.trouble:
        return {"State": state, "Health": "OK"}
    condition = {"Message": fake.power.trouble, "Severity": "Critical"}
    return {"State": state, "Health": "Critical", "Conditions": [condition]}


def patch_system(call: Call) -> Reply:
    """AssetTag, and the boot override where it is written here."""
    names = ("AssetTag", "Boot") if identity.tag_writable(call.fake) else ("Boot",)
    only(call.body, *names)
    if "Boot" in call.body:
        _patch_boot(call, places(call.fake.personality).system)
    if "AssetTag" in call.body:
        call.fake.power.set_asset_tag(text(call.body, "AssetTag"))
    return DONE


def patch_settings(call: Call) -> Reply:
    """The boot override where it is written there."""
    only(call.body, "Boot")
    _patch_boot(call, places(call.fake.personality).system_settings)
    return DONE


def _patch_boot(call: Call, path: str) -> None:
    if not _takes_override(call.fake, path):
        message = "The boot override is not written to this resource."
        raise Refusal(400, "PropertyNotWritable", message, related="/Boot")
    boot = part(call.body, "Boot")
    only(boot, *OVERRIDE, *([URI] if call.fake.personality.habits.http_boot else []))
    if URI in boot:
        call.fake.power.set_uri(text(boot, URI))
    target, enabled = (text(boot, name) if name in boot else None for name in OVERRIDE[:2])
    call.fake.power.set_override(target, enabled)


def reset_system(call: Call) -> Reply:
    """``ComputerSystem.Reset``."""
    call.fake.power.reset(text(call.body, "ResetType"))
    habits = call.fake.personality.habits
    return accepted(call.fake, "Reset", habits.task_seconds) if habits.reset_task else DONE
