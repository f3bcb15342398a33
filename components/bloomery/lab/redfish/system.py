"""Systems: identity, power, boot, BIOS."""

from __future__ import annotations

from bloomery.drivers.redfish.fake import FakeBmc, Refusal
from bloomery.drivers.redfish.fake.power import STEPS, TARGETS
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

SYSTEM = "/Systems/1"


def system(fake: FakeBmc) -> Json:
    """The ComputerSystem."""
    return resource(
        SYSTEM,
        "ComputerSystem.v1_20_1.ComputerSystem",
        "System",
        SystemType="Physical",
        Manufacturer="Bloomery",
        Model=fake.identity.model,
        SerialNumber=fake.identity.serial,
        UUID=fake.identity.uuid,
        AssetTag=fake.state.asset_tag,
        PowerState=fake.power.state(),
        BiosVersion=fake.firmware.version("BIOS"),
        BootProgress={"LastState": fake.power.boot_progress()},
        Boot=_boot(fake),
        Status=_status(fake),
        Bios=link(f"{SYSTEM}/Bios"),
        Links={"Chassis": [link("/Chassis/1")], "ManagedBy": [link("/Managers/1")]},
        Actions={
            "#ComputerSystem.Reset": {
                "target": f"{ROOT}{SYSTEM}/Actions/ComputerSystem.Reset",
                "ResetType@Redfish.AllowableValues": list(STEPS),
            }
        },
    )


def _boot(fake: FakeBmc) -> Json:
    override = fake.power.override()
    return {
        "BootSourceOverrideEnabled": override.enabled,
        "BootSourceOverrideMode": "UEFI",
        "BootSourceOverrideTarget": override.target,
        "BootSourceOverrideTarget@Redfish.AllowableValues": list(TARGETS),
    }


def _status(fake: FakeBmc) -> Json:
    state = "Enabled" if fake.power.state() == "On" else "StandbyOffline"
    if not fake.power.trouble:
        return {"State": state, "Health": "OK"}
    condition = {"Message": fake.power.trouble, "Severity": "Critical"}
    return {"State": state, "Health": "Critical", "Conditions": [condition]}


def patch_system(call: Call) -> Reply:
    """AssetTag and the boot override."""
    only(call.body, "AssetTag", "Boot")
    if "Boot" in call.body:
        boot = part(call.body, "Boot")
        names = ("BootSourceOverrideTarget", "BootSourceOverrideEnabled", "BootSourceOverrideMode")
        only(boot, *names)
        target, enabled = (text(boot, name) if name in boot else None for name in names[:2])
        call.fake.power.set_override(target, enabled)
    if "AssetTag" in call.body:
        call.fake.power.set_asset_tag(text(call.body, "AssetTag"))
    return DONE


def reset_system(call: Call) -> Reply:
    """``ComputerSystem.Reset``."""
    call.fake.power.reset(text(call.body, "ResetType"))
    return DONE


def bios(fake: FakeBmc) -> Json:
    """Attributes in force."""
    path = f"{SYSTEM}/Bios"
    return resource(
        path,
        "Bios.v1_2_2.Bios",
        "BIOS settings in force",
        Attributes=fake.bios.now(),
        Actions={"#Bios.ResetBios": {"target": f"{ROOT}{path}/Actions/Bios.ResetBios"}},
        **{
            "@Redfish.Settings": {
                "@odata.type": "#Settings.v1_3_5.Settings",
                "SettingsObject": link(f"{path}/Settings"),
                "SupportedApplyTimes": ["OnReset"],
            }
        },
    )


def bios_settings(fake: FakeBmc) -> Json:
    """Attributes that wait for a reset."""
    return resource(
        f"{SYSTEM}/Bios/Settings",
        "Bios.v1_2_2.Bios",
        "BIOS settings that wait for a reset",
        Attributes=fake.bios.pending(),
    )


def patch_bios(call: Call) -> Reply:
    """Stage attributes."""
    only(call.body, "Attributes", "@Redfish.SettingsApplyTime")
    wanted: dict[str, str] = {}
    for key, value in part(call.body, "Attributes").items():
        if not isinstance(value, str):
            message = f"The value of the attribute {key} is not a string."
            raise Refusal(400, "PropertyValueTypeError", message, related=f"/Attributes/{key}")
        wanted[key] = value
    call.fake.bios.stage(wanted)
    return DONE


def reset_bios(call: Call) -> Reply:
    """``Bios.ResetBios``."""
    call.fake.bios.stage_defaults()
    return DONE
