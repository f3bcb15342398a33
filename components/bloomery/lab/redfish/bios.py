"""BIOS attributes: in force, staged, and how they are taken."""

from __future__ import annotations

from bloomery.drivers.redfish.fake import FakeBmc, Refusal
from bloomery.lab.redfish.jobs import accepted
from bloomery.lab.redfish.places import places
from bloomery.lab.redfish.reply import DONE, ROOT, Call, Json, Reply, link, only, part, resource


def bios(fake: FakeBmc) -> Json:
    """Attributes in force; without a Settings resource, also those that wait for a reset."""
    at, habits = places(fake.personality), fake.personality.habits
    now = fake.bios.now()
    body = resource(
        at.bios,
        "Bios.v1_2_2.Bios",
        "BIOS settings in force",
        Attributes=now if at.bios_settings else {**now, **fake.bios.pending()},
        Actions={"#Bios.ResetBios": {"target": f"{ROOT}{at.bios}/Actions/Bios.ResetBios"}},
    )
    settings: Json = {"@odata.type": "#Settings.v1_3_5.Settings"}
    if at.bios_settings:
        settings["SettingsObject"] = link(at.bios_settings)
    if habits.apply_time:
        settings["SupportedApplyTimes"] = ["OnReset"]
    body["@Redfish.Settings"] = settings
    return body


def settings(fake: FakeBmc) -> Json:
    """Attributes that wait for a reset."""
    return resource(
        places(fake.personality).bios_settings,
        "Bios.v1_2_2.Bios",
        "BIOS settings that wait for a reset",
        Attributes=fake.bios.pending(),
    )


def patch(call: Call) -> Reply:
    """Stage attributes."""
    habits = call.fake.personality.habits
    times = ("@Redfish.SettingsApplyTime",) if habits.apply_time else ()
    only(call.body, "Attributes", *times)
    wanted: dict[str, str] = {}
    for key, value in part(call.body, "Attributes").items():
        if not isinstance(value, str):
            message = f"The value of the attribute {key} is not a string."
            raise Refusal(400, "PropertyValueTypeError", message, related=f"/Attributes/{key}")
        wanted[key] = value
    given = part(call.body, times[0]) if times and times[0] in call.body else {}
    call.fake.bios.stage(wanted, str(given.get("ApplyTime", "")))
    if habits.bios_task:
        return accepted(call.fake, "BIOS settings", for_reset=True)
    return DONE


def reset(call: Call) -> Reply:
    """``Bios.ResetBios``."""
    call.fake.bios.stage_defaults()
    return DONE
