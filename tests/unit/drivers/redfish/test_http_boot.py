"""Machines without virtual media whose firmware starts from a URL: UEFI HTTP boot."""

from __future__ import annotations

import pytest
from small_tree import IMAGE, MANAGER, SLOTS, SYSTEM, V1, SmallTree, at, listing, slot

from bloomery.drivers.redfish.protocol import ANY
from bloomery.errors import Unsupported
from bloomery.provider.phases.node.prospects import prospects
from trees.bmc import Answer

TARGET = "BootSourceOverrideTarget"


def by_url(*targets: str, uri: object = "") -> SmallTree:
    """A tree without virtual media; firmware offers these targets."""
    tree = SmallTree()
    tree.drop(SLOTS)
    tree[MANAGER].pop("VirtualMedia")
    boot = tree[SYSTEM]["Boot"]
    boot["HttpBootUri"] = uri  # type: ignore[index]
    boot[f"{TARGET}@Redfish.AllowableValues"] = list(targets or ("None", "Hdd", "UefiHttp"))  # type: ignore[index]
    return tree


@pytest.mark.parametrize("uri", ["", None])
def test_medium_goes_in_starts_and_comes_out_as_a_url(uri: object) -> None:
    with by_url(uri=uri).open() as bmc:
        assert bmc.facts().media == {}
        how = bmc.personality()
        assert (how.slots, how.insert) == ({"Cd": SYSTEM}, {"Cd": "http boot"})
        assert how.boot_targets == {"Cd": "UefiHttp", "Hdd": "Hdd"}
        bmc.insert_media("Cd", IMAGE)
        assert bmc.facts().media == {"Cd": IMAGE}
        bmc.boot_once("Cd")
        seen = bmc.facts()
        assert (seen.boot_once, seen.media) == ("Cd", {"Cd": IMAGE})
        bmc.clear_boot()
        bmc.eject_media("Cd")
        seen = bmc.facts()
        assert (seen.boot_once, seen.media) == ("", {})


def test_url_is_written_with_the_target_again() -> None:
    tree = by_url()
    with tree.open() as bmc:
        bmc.insert_media("Cd", IMAGE)
        bmc.boot_once("Cd")
        sent = tree.asked[-1][2]["Boot"]  # type: ignore[index]
    assert (sent[TARGET], sent["HttpBootUri"]) == ("UefiHttp", IMAGE)


def test_settings_resource_takes_the_url_where_it_takes_the_override() -> None:
    tree = by_url()
    later = f"{SYSTEM}/Later"
    tree[SYSTEM]["@Redfish.Settings"] = {"SettingsObject": at(later)}
    boot = tree[SYSTEM]["Boot"]
    tree[SYSTEM]["Boot"] = {TARGET: "None"}
    tree.add({"@odata.id": later, "Boot": boot})
    with tree.open() as bmc:
        bmc.insert_media("Cd", IMAGE)
        assert [path for _, path, _ in tree.asked] == [later]
        assert bmc.facts().media == {"Cd": IMAGE}


def test_seed_on_a_medium_of_its_own_is_refused() -> None:
    with by_url().open() as bmc, pytest.raises(Unsupported, match="no second slot"):
        bmc.insert_media("Seed", IMAGE)


def test_null_empties_where_an_empty_text_is_refused() -> None:
    tree = by_url(uri=IMAGE)
    with tree.open() as bmc:
        answer = tree.served.answer

        def strict(method, path, headers, data):
            if isinstance(data.get("Boot"), dict) and data["Boot"].get("HttpBootUri") == "":
                return Answer(400, {"error": {"message": "HttpBootUri is no URI."}})
            return answer(method, path, headers, data)

        tree.served.answer = strict
        bmc.eject_media("Cd")
        assert bmc.facts().media == {}


@pytest.mark.parametrize("why", ["slots", "no target", "no property", "enabled first"])
def test_it_is_the_way_only_where_there_is_no_other_and_it_is_offered(why: str) -> None:
    tree = by_url(*(("None", "Hdd") if why == "no target" else ()))
    if why == "slots":
        tree[MANAGER]["VirtualMedia"] = at(SLOTS)
        tree.slots(slot("Disc", "CD"))
    elif why == "no property":
        tree[SYSTEM]["Boot"].pop("HttpBootUri")  # type: ignore[attr-defined]
    elif why == "enabled first":
        tree[V1]["Vendor"] = "AMI"
        tree[MANAGER]["VirtualMedia"] = at(SLOTS)
        tree.add(listing(SLOTS))
    with tree.open() as bmc:
        assert bmc.personality().insert.get("Cd") != "http boot"


def test_it_is_told_before_it_is_used() -> None:
    tree = by_url()
    tree[SYSTEM]["Boot"]["Certificates"] = at(f"{SYSTEM}/Boot/Certificates")  # type: ignore[index]
    with tree.open() as bmc:
        found = bmc.describe()
    parts = {one.part: (one.taken, one.why) for one in found.parts}
    assert parts["medium"] == (
        SYSTEM,
        "UEFI HTTP boot: no slot takes a URL, and UefiHttp with HttpBootUri is offered",
    )
    assert parts["CAs of media"] == (
        f"{SYSTEM}/Boot/Certificates",
        "it keeps CAs; firmware always verifies, by the CAs it has",
    )
    assert parts["boot from Cd"] == ("UefiHttp", "firmware starts from a URL here")
    judged = {one.phase: (one.works, one.why) for one in prospects(found, ANY)}
    assert judged["media"] == (
        "yes",
        f"UEFI HTTP boot: the machine itself reads the URL, which is written to {SYSTEM}",
    )
    assert judged["boot once"][0] == "yes"
