"""What a BMC is told to be: its certificate before trust, each part with its reason."""

from __future__ import annotations

import socket
import threading

import pytest
from small_tree import LEAF, MANAGER, SLOTS, SYSTEM, USER, V1, SmallTree, at, slot

from bloomery.drivers.redfish.certificate import presented
from bloomery.drivers.redfish.client import Dialer
from bloomery.drivers.redfish.protocol import Trust
from bloomery.errors import NotReadyError, Unreachable


def parts(tree: SmallTree) -> dict[str, tuple[str, str]]:
    with tree.open() as bmc:
        return {one.part: (one.taken, one.why) for one in bmc.describe().parts}


def test_certificate_is_shown_without_a_request():
    tree = SmallTree()
    with tree.open():
        seen = presented(tree.address)
        assert tree.asked == []
    assert seen.sha256 == LEAF.sha256
    assert seen.not_after.tzinfo is not None


def test_port_that_speaks_no_tls():
    with socket.create_server(("127.149.0.2", 0)) as server:
        answer = threading.Thread(target=lambda: server.accept()[0].close())
        answer.start()
        with pytest.raises(Unreachable, match="no TLS there"):
            presented(f"127.149.0.2:{server.getsockname()[1]}", 2)
        answer.join()


def test_root_is_told_without_a_login():
    tree = SmallTree()
    tree[V1].update(Vendor="Contoso", Product="C-BMC", RedfishVersion="1.9.0")
    with tree.open():
        root = Dialer().root(tree.address, Trust(cert_sha256=LEAF.sha256))
        with pytest.raises(NotReadyError):
            Dialer().root(tree.address, Trust())
        assert tree.asked == []
    assert (root.vendor, root.product, root.redfish) == ("Contoso", "C-BMC", "1.9.0")


def test_settings_resources_and_apply_time_are_named():
    tree = SmallTree()
    tree[SYSTEM]["@Redfish.Settings"] = {"SettingsObject": at(f"{SYSTEM}/Later")}
    tree.add({"@odata.id": f"{SYSTEM}/Later", "Boot": {"BootSourceOverrideTarget": "None"}})
    tree[f"{SYSTEM}/Bios"]["@Redfish.Settings"]["SupportedApplyTimes"] = ["OnReset"]  # type: ignore[index]
    found = parts(tree)
    assert found["boot override"][0] == f"{SYSTEM}/Later"
    assert found["boot override"][1].startswith("the Settings resource of the system holds")
    assert found["apply time"] == ("OnReset", "offered: OnReset")


def test_vendor_class_says_what_it_corrects():
    tree = SmallTree()
    tree[V1]["Vendor"] = "Dell"
    found = parts(tree)
    assert found["class"] == ("dell", "Vendor 'Dell', Manufacturer ''")
    assert found["apply time"] == ("OnReset", "class dell; no times are offered")


def test_slots_that_take_no_url_are_counted():
    tree = SmallTree()
    upload = slot("Upload", "CD", Actions={"#VirtualMedia.EjectMedia": {"target": "x"}})
    tree.slots(upload, slot("Web", "CD", "DVD"))
    found = parts(tree)
    assert found["installer slot"][0] == f"{SLOTS}/Web"
    assert found["installer slot"][1].endswith("1 of 2 slots take a URL")
    assert found["seed slot"] == ("", "none fits; 1 of 2 slots take a URL")


def test_manager_is_found_from_its_side_and_by_being_alone():
    tree = SmallTree()
    tree[SYSTEM]["Links"] = {}
    assert parts(tree)["BMC"] == (MANAGER, "the only one")
    tree.add({**tree[MANAGER], "@odata.id": f"{V1}/Managers/Other"})
    tree[f"{V1}/Managers"]["Members"] = [at(f"{V1}/Managers/Other"), at(MANAGER)]
    nobody = parts(tree)["BMC"]
    assert nobody == ("", "nothing links one of 2 managers to the system")
    tree[MANAGER]["Links"] = {"ManagerForServers": [at(SYSTEM)]}
    assert parts(tree)["BMC"] == (MANAGER, "it links to the system")


def test_part_that_does_not_answer_now_hides_no_other():
    tree = SmallTree()
    tree.drop(f"{SYSTEM}/Bios")
    found = parts(tree)
    assert found["BIOS"][0] == "" and found["BIOS"][1].startswith("unreadable now")
    assert found["resets"][1] == "listed with the action"


def test_account_is_that_of_the_login():
    tree = SmallTree()
    with tree.open() as bmc:
        assert bmc.describe().account == f"{V1}/AccountService/Accounts/1"
    tree[f"{V1}/AccountService/Accounts/1"]["UserName"] = "root"
    with tree.open() as bmc:
        seen = bmc.describe()
    assert (seen.account, seen.account_lack) == ("", f"the BMC has no account '{USER}'")
