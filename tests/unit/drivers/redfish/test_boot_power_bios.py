"""Boot override, power and BIOS where the tree has them, and read back there."""

from __future__ import annotations

import pytest
from small_tree import MANAGER, SYSTEM, V1, SmallTree, at, slot

from bloomery.errors import Busy, DeviceError, Unsupported
from trees.bmc import Answer

ALLOWED = "BootSourceOverrideTarget@Redfish.AllowableValues"
SETTINGS = f"{SYSTEM}/Settings"


@pytest.fixture
def tree() -> SmallTree:
    return SmallTree()


def boot(tree: SmallTree) -> dict:
    return tree[SYSTEM]["Boot"]


def written(tree: SmallTree) -> tuple[str, dict]:
    _, path, body = next(one for one in reversed(tree.asked) if one[0] == "PATCH")
    return path, body


def test_override_is_set_seen_and_taken_back(tree):
    with tree.open() as bmc:
        bmc.boot_once("Cd")
        assert (bmc.facts().boot_once, bmc.facts().boot_always) == ("Cd", "")
        bmc.clear_boot()
        assert bmc.facts().boot_once == ""
        before = len(tree.asked)
        bmc.clear_boot()
        assert len(tree.asked) == before


def test_override_goes_to_the_settings_resource(tree):
    tree[SYSTEM]["@Redfish.Settings"] = {"SettingsObject": at(SETTINGS)}
    tree.add({"@odata.id": SETTINGS, "@odata.etag": '"7"', "Boot": dict(boot(tree))})
    with tree.open() as bmc:
        assert bmc.personality().boot_resource == SETTINGS
        bmc.boot_once("Cd")
        assert written(tree)[0] == SETTINGS and bmc.facts().boot_once == "Cd"


def test_settings_resource_without_an_override_is_passed_over(tree):
    tree[SYSTEM]["@Redfish.Settings"] = {"SettingsObject": at(SETTINGS)}
    tree.add({"@odata.id": SETTINGS, "Boot": {"BootOrder": []}})
    with tree.open() as bmc:
        bmc.boot_once("Cd")
        assert written(tree)[0] == SYSTEM


@pytest.mark.parametrize("name", ["Cd", "UefiCd", "UsbCd"])
def test_disc_under_another_name(tree, name):
    boot(tree)[ALLOWED] = ["None", name]
    with tree.open() as bmc:
        bmc.boot_once("Cd")
        assert written(tree)[1]["Boot"]["BootSourceOverrideTarget"] == name
        assert bmc.facts().boot_once == "Cd"


def test_supermicro_starts_virtual_media_as_a_usb_disc(tree):
    tree[SYSTEM]["Manufacturer"] = "Supermicro"
    boot(tree)[ALLOWED] = ["None", "Cd", "UsbCd"]
    with tree.open() as bmc:
        assert bmc.personality().boot_targets["Cd"] == "UsbCd"
    tree[MANAGER]["Model"] = "OpenBmc"
    with tree.open() as bmc:
        assert bmc.personality().boot_targets["Cd"] == "Cd"


def test_medium_in_a_stick_starts_as_one(tree):
    tree.slots(slot("Stick", "USBStick"))
    with tree.open() as bmc:
        bmc.boot_once("Cd")
        assert written(tree)[1]["Boot"]["BootSourceOverrideTarget"] == "Usb"
        assert bmc.facts().boot_once == "Cd"


def test_target_that_is_not_offered(tree):
    boot(tree)[ALLOWED] = ["None", "Pxe"]
    with tree.open() as bmc, pytest.raises(Unsupported, match="no boot override to Cd"):
        bmc.boot_once("Cd")


def test_once_that_is_kept_for_ever_is_told(tree):
    boot(tree)["BootSourceOverrideEnabled@Redfish.AllowableValues"] = ["Disabled", "Continuous"]
    with tree.open() as bmc:
        bmc.boot_once("Cd")
        facts = bmc.facts()
        assert (facts.boot_once, facts.boot_always) == ("", "Cd")


def test_legacy_mode_is_changed_and_others_are_left(tree):
    boot(tree)["BootSourceOverrideMode"] = "Legacy"
    with tree.open() as bmc:
        bmc.boot_once("Cd")
        assert written(tree)[1]["Boot"]["BootSourceOverrideMode"] == "UEFI"
    boot(tree)["BootSourceOverrideMode"] = "UEFI"
    with tree.open() as bmc:
        bmc.boot_once("Cd")
        assert "BootSourceOverrideMode" not in written(tree)[1]["Boot"]


def test_override_that_is_accepted_and_forgotten(tree):
    with tree.open() as bmc:
        answer = tree.served.answer
        tree.served.answer = lambda method, *rest: (
            Answer(200, {}) if method == "PATCH" else answer(method, *rest)
        )
        with pytest.raises(DeviceError, match="is not there"):
            bmc.boot_once("Cd")


RESET = "#ComputerSystem.Reset"


def test_power_off_on_and_on_again(tree):
    with tree.open() as bmc:
        for action, state in (("ForceOff", "Off"), ("On", "On"), ("On", "On")):
            bmc.power(action)
            assert bmc.facts().power == state


def test_conflict_in_another_state_is_busy(tree):
    with tree.open() as bmc:
        answer = tree.served.answer
        tree.served.answer = lambda method, *rest: (
            Answer(409, {}) if method == "POST" else answer(method, *rest)
        )
        with pytest.raises(Busy):
            bmc.power("ForceOff")


@pytest.mark.parametrize("info", [True, False])
def test_reset_types_by_list_or_by_action_info(tree, info):
    kinds = ["Off", "ForceOn", "PowerCycle"]
    action = tree[SYSTEM]["Actions"][RESET]
    action["ResetType@Redfish.AllowableValues"] = kinds
    if info:
        action.pop("ResetType@Redfish.AllowableValues")
        action["@Redfish.ActionInfo"] = f"{SYSTEM}/Info"
        tree.add(
            {
                "@odata.id": f"{SYSTEM}/Info",
                "Parameters": [{"Name": "ResetType", "AllowableValues": kinds}],
            }
        )
    with tree.open() as bmc:
        assert bmc.personality().resets == tuple(kinds)
        for action_, kind in (
            ("ForceOff", "Off"),
            ("On", "ForceOn"),
            ("ForceRestart", "PowerCycle"),
        ):
            bmc.power(action_)
            assert tree.asked[-1][2] == {"ResetType": kind}
        with pytest.raises(Unsupported, match="GracefulShutdown is not offered"):
            bmc.power("GracefulShutdown")


def test_restart_of_the_bmc_by_what_it_offers(tree):
    action = tree[MANAGER]["Actions"]["#Manager.Reset"]
    for offered, sent in (
        (["ForceRestart"], "ForceRestart"),
        (["GracefulRestart", "ForceRestart"], "GracefulRestart"),
    ):
        action["ResetType@Redfish.AllowableValues"] = offered
        with tree.open() as bmc:
            bmc.reset_bmc()
            assert tree.asked[-1][2] == {"ResetType": sent}
    action["ResetType@Redfish.AllowableValues"] = ["ResetAll"]
    with tree.open() as bmc, pytest.raises(Unsupported):
        bmc.reset_bmc()


def test_task_is_followed_to_its_end(tree):
    tree[V1]["Vendor"] = "AMI"
    with tree.open() as bmc:
        bmc.power("ForceOff")
        assert bmc.facts().power == "Off"


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (
            {"TaskState": "Exception", "Messages": [{"Message": "no space"}]},
            DeviceError,
            "no space",
        ),
        ({"JobState": "Failed", "Message": "RED001"}, DeviceError, "RED001"),
        ({"TaskState": "Running"}, Busy, "has not ended"),
    ],
)
def test_task_that_fails_or_never_ends(tree, body, kind, said):
    task = f"{V1}/TaskService/Tasks/1"
    with tree.open() as bmc:
        answer = tree.served.answer

        def told(method, path, headers, data):
            if method == "POST":
                return Answer(202, None, {"Location": task})
            return Answer(200, body) if path == task else answer(method, path, headers, data)

        tree.served.answer = told
        with pytest.raises(kind, match=said):
            bmc.power("ForceOff")


BIOS = f"{SYSTEM}/Bios"


def restart(bmc) -> None:
    bmc.power("ForceOff")
    bmc.power("On")


def test_bios_waits_in_its_settings_for_the_reset(tree):
    with tree.open() as bmc:
        bmc.set_bios({"Sriov": "Enabled", "Cores": "32", "Smt": "false"})
        assert written(tree) == (
            f"{BIOS}/Settings",
            {"Attributes": {"Sriov": "Enabled", "Cores": 32, "Smt": False}},
        )
        assert bmc.facts().bios_pending == {"Sriov": "Enabled", "Cores": "32", "Smt": "False"}
        restart(bmc)
        facts = bmc.facts()
        assert facts.bios["Sriov"] == "Enabled" and not facts.bios_pending


@pytest.mark.parametrize("times", [["OnReset", "Immediate"], ["OnReset"]])
def test_apply_time_is_sent_where_it_is_offered(tree, times):
    tree[BIOS]["@Redfish.Settings"]["SupportedApplyTimes"] = times
    with tree.open() as bmc:
        bmc.set_bios({"Sriov": "Enabled"})
        assert written(tree)[1]["@Redfish.SettingsApplyTime"] == {"ApplyTime": "OnReset"}
        restart(bmc)
        assert bmc.facts().bios["Sriov"] == "Enabled"


def test_dell_gets_an_apply_time_even_where_it_offers_none(tree):
    tree[SYSTEM]["Manufacturer"] = "Dell Inc."
    with tree.open() as bmc:
        bmc.set_bios({"Sriov": "Enabled"})
        assert "@Redfish.SettingsApplyTime" in written(tree)[1]


def test_bios_without_a_settings_resource_is_written_itself(tree):
    tree[BIOS].pop("@Redfish.Settings")
    with tree.open() as bmc:
        bmc.set_bios({"Sriov": "Enabled"})
        assert written(tree)[0] == BIOS and bmc.facts().bios["Sriov"] == "Enabled"


def test_settings_that_do_not_tell_what_they_hold(tree):
    tree[f"{BIOS}/Settings"].pop("Attributes")
    with tree.open() as bmc:
        bmc.set_bios({"Sriov": "Enabled"})
        restart(bmc)
        assert bmc.facts().bios["Sriov"] == "Enabled"


def test_attributes_with_their_limits_beside_them(tree):
    tree[BIOS]["Attributes"] = {
        "Sriov": {"current_value": "Disabled", "AllowableValues": ["Enabled"]}
    }
    with tree.open() as bmc:
        assert bmc.facts().bios == {"Sriov": "Disabled"}
        bmc.set_bios({"Sriov": "Enabled"})
        assert written(tree)[1] == {"Attributes": {"Sriov": {"current_value": "Enabled"}}}


def test_keys_that_the_bios_lacks(tree):
    with tree.open() as bmc, pytest.raises(Unsupported, match="Nothing, Other"):
        bmc.set_bios({"Other": "1", "Nothing": "1", "Sriov": "Enabled"})


def test_staging_that_is_forgotten(tree):
    with tree.open() as bmc:
        answer = tree.served.answer
        tree.served.answer = lambda method, *rest: (
            Answer(200, {}) if method == "PATCH" else answer(method, *rest)
        )
        with pytest.raises(DeviceError, match="Sriov were accepted but not staged"):
            bmc.set_bios({"Sriov": "Enabled"})


@pytest.mark.parametrize("tag", ['W/"3"', '"3"', ""])
def test_patch_with_the_tag_that_is_there(tree, tag):
    if tag:
        tree[SYSTEM]["@odata.etag"] = tag
    with tree.open() as bmc:
        bmc.set_asset_tag("bloomery/kyiv/g1")
        assert bmc.facts().asset_tag == "bloomery/kyiv/g1"


@pytest.mark.parametrize(
    ("status", "good"), [(412, ('W/"1"', '"1"')), (428, ("", "*")), (412, ('"1"', '"2"'))]
)
def test_refused_tag_is_read_again_once(tree, status, good):
    """A weak tag that is not taken, none where one is wanted, and one that changed meanwhile."""
    first, second = good
    sent: list[str] = []
    if first:
        tree[SYSTEM]["@odata.etag"] = first
    with tree.open() as bmc:
        answer = tree.served.answer

        def told(method, path, headers, data):
            if method != "PATCH":
                return answer(method, path, headers, data)
            sent.append(headers.get("if-match", ""))
            body = tree.served.resources.get(SYSTEM)
            if len(sent) == 1 and second == '"2"':
                body["@odata.etag"] = second
            if len(sent) == 1:
                return Answer(status, {})
            body["AssetTag"] = data["AssetTag"]
            return Answer(204)

        tree.served.answer = told
        bmc.set_asset_tag("bloomery/kyiv/g1")
    assert tuple(sent) == good


def test_tag_that_is_refused_twice_is_busy(tree):
    with tree.open() as bmc:
        answer, sent = tree.served.answer, []

        def told(method, *rest):
            if method == "PATCH":
                sent.append(method)
                return Answer(412, {})
            return answer(method, *rest)

        tree.served.answer = told
        with pytest.raises(Busy):
            bmc.set_asset_tag("bloomery/kyiv/g1")
        assert len(sent) == 2


def test_asset_tag_that_is_not_there(tree):
    tree[SYSTEM].pop("AssetTag")
    with tree.open() as bmc, pytest.raises(Unsupported, match="no asset tag"):
        bmc.set_asset_tag("bloomery/kyiv/g1")


def test_firmware_inventory_and_none(tree):
    with tree.open() as bmc:
        assert bmc.firmware() == {"BMC": "7.1", "BIOS": "1.2"}
    tree[V1].pop("UpdateService")
    with tree.open() as bmc, pytest.raises(Unsupported):
        bmc.firmware()


def test_override_is_taken_back_where_the_target_none_is_not_offered():
    tree = SmallTree()
    tree[SYSTEM]["Boot"] = {
        "BootSourceOverrideEnabled": "Disabled",
        "BootSourceOverrideTarget": "Hdd",
        "BootSourceOverrideTarget@Redfish.AllowableValues": ["Cd", "Hdd"],
    }
    with tree.open() as bmc:
        bmc.boot_once("Cd")
        assert bmc.facts().boot_once == "Cd"
        bmc.clear_boot()
        assert bmc.facts().boot_once == ""
    assert tree.asked[-1][2] == {"Boot": {"BootSourceOverrideEnabled": "Disabled"}}
