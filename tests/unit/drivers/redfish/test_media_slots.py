"""Media: the slot that fits, by what it declares; inserted however that is told."""

from __future__ import annotations

import pytest
from small_tree import IMAGE, MANAGER, SLOTS, SYSTEM, V1, SmallTree, at, listing, slot

from bloomery.drivers.redfish.images import shows
from bloomery.errors import DeviceError, Unsupported
from trees.bmc import Answer

SEED = "https://127.80.2.9:8480/seed/abc"


@pytest.fixture
def tree() -> SmallTree:
    return SmallTree()


def chosen(tree: SmallTree) -> dict[str, str]:
    with tree.open() as bmc:
        found = bmc.personality().slots
    return {name: path.rpartition("/")[2] for name, path in found.items()}


def test_disc_for_the_installer_and_the_other_for_the_seed(tree):
    assert chosen(tree) == {"Cd": "Disc", "Seed": "Stick"}


def test_order_does_not_count(tree):
    tree.slots(
        slot("Stick", "Floppy", "USBStick"), slot("Any2", "CD", "USBStick"), slot("Disc", "CD")
    )
    assert chosen(tree) == {"Cd": "Disc", "Seed": "Any2"}


def test_slots_that_declare_the_same_go_by_name(tree):
    tree.slots(*(slot(f"Slot{at}", "CD", "USBStick") for at in (10, 2, 1)))
    assert chosen(tree) == {"Cd": "Slot1", "Seed": "Slot2"}


def test_name_tells_where_no_types_are_told(tree):
    tree.slots({**slot("HD1"), "MediaTypes": None}, {**slot("CD1"), "MediaTypes": None})
    assert chosen(tree) == {"Cd": "CD1", "Seed": "HD1"}


def test_slot_that_can_only_be_ejected_takes_no_url(tree):
    web = slot("AWeb", "CD", "USBStick")
    web["Actions"].pop("#VirtualMedia.InsertMedia")
    tree.slots(web, slot("Slot1", "CD", "USBStick"))
    assert chosen(tree) == {"Cd": "Slot1"}


def test_one_slot_holds_one_medium(tree):
    tree.slots(slot("Only", "CD"))
    with tree.open() as bmc:
        bmc.insert_media("Cd", IMAGE)
        with pytest.raises(Unsupported, match="no second slot"):
            bmc.insert_media("Seed", SEED)
        bmc.eject_media("Seed")
        assert bmc.facts().media == {"Cd": IMAGE}


def test_no_virtual_media_at_all(tree):
    tree[MANAGER].pop("VirtualMedia")
    with tree.open() as bmc, pytest.raises(Unsupported, match="no virtual media"):
        bmc.insert_media("Cd", IMAGE)


def test_slots_of_the_system_come_first(tree):
    home = f"{SYSTEM}/VirtualMedia"
    tree[SYSTEM]["VirtualMedia"] = at(home)
    own = {**slot("1", "CD", "DVD"), "@odata.id": f"{home}/1"}
    tree.add(own)
    tree.add(listing(home, "1"))
    with tree.open() as bmc:
        assert bmc.personality().slots["Cd"] == f"{home}/1"
    tree.add(listing(home))  # empty there: those of the manager are used
    assert chosen(tree)["Cd"] == "Disc"


def test_slots_by_patch_where_there_is_no_action(tree):
    tree.slots({**slot("Disc", "CD"), "Actions": {}})
    with tree.open() as bmc:
        assert bmc.personality().insert["Cd"] == "patch"
        bmc.insert_media("Cd", IMAGE)
        assert bmc.facts().media == {"Cd": IMAGE}
        bmc.eject_media("Cd")
        assert bmc.facts().media == {}


def test_lenovo_takes_urls_in_ext_slots_alone(tree):
    tree[V1]["Vendor"] = "Lenovo"
    names = ("AUpload", "EXT1", "EXT2", "RDOC1", "Remote1")
    tree.slots(*({**slot(one, "CD", "USBStick"), "Actions": {}} for one in names))
    assert chosen(tree) == {"Cd": "EXT1", "Seed": "EXT2"}
    tree[V1]["Vendor"] = "Other"
    assert chosen(tree)["Cd"] == "AUpload"


def test_ami_lists_slots_once_remote_media_is_enabled(tree):
    tree[V1]["Vendor"] = "AMI"
    tree.slots()
    with tree.open() as bmc:
        assert bmc.facts().media == {} and bmc.personality().needs
        bmc.insert_media("Cd", IMAGE)
        assert bmc.facts().media == {"Cd": "installer.iso"}
        assert (
            "POST",
            f"{MANAGER}/Actions/Oem/AMIVirtualMedia.EnableRMedia",
            {"RMediaState": "Enable"},
        ) in tree.asked


def test_empty_collection_of_any_other(tree):
    tree.slots()
    with tree.open() as bmc, pytest.raises(Unsupported, match="lists no virtual media slot"):
        bmc.insert_media("Cd", IMAGE)


def test_other_medium_is_ejected_first(tree):
    tree.slots(slot("Disc", "CD", Inserted=True, Image="http://other/x.iso"))
    with tree.open() as bmc:
        bmc.insert_media("Cd", IMAGE)
        assert [path.rpartition(".")[2] for _, path, _ in tree.asked] == [
            "EjectMedia",
            "InsertMedia",
        ]
        bmc.insert_media("Cd", IMAGE)
        assert len(tree.asked) == 2


def test_medium_that_shows_late_and_without_its_host(tree):
    tree.slots(slot("Disc", "CD", TransferMethod="Stream"))
    with tree.open() as bmc:
        bmc.insert_media("Cd", IMAGE)
        assert bmc.facts().media == {"Cd": "/media/installer.iso"}


def test_parameters_are_given_as_they_are_asked_for(tree):
    wants = slot("Disc", "CD", TransferMethod=None, TransferProtocolType=None)
    wants["Actions"]["#VirtualMedia.InsertMedia"]["@Redfish.ActionInfo"] = f"{SLOTS}/Disc/Info"
    tree.slots(wants)
    with tree.open() as bmc:
        bmc.insert_media("Cd", IMAGE)
        assert tree.asked[-1][2] == {
            "Image": IMAGE,
            "Inserted": True,
            "WriteProtected": True,
            "TransferProtocolType": "HTTPS",
            "TransferMethod": "Stream",
        }


def test_parameters_that_the_action_calls_required_are_given_at_once(tree):
    info = f"{SLOTS}/Disc/Info"
    wants = slot("Disc", "CD", TransferMethod=None, TransferProtocolType=None)
    wants["Actions"]["#VirtualMedia.InsertMedia"]["@Redfish.ActionInfo"] = info
    names = ("TransferProtocolType", "TransferMethod")
    tree.slots(wants)
    tree.add({"@odata.id": info, "Parameters": [{"Name": one, "Required": True} for one in names]})
    with tree.open() as bmc:
        bmc.insert_media("Cd", IMAGE)
        assert len(tree.asked) == 1


def refuse(tree: SmallTree, name: str, message: str) -> None:
    """Have the BMC refuse a parameter."""
    answer = tree.served.answer

    def told(method, path, headers, data):
        if name in data:
            info = {
                "MessageId": f"Base.1.5.{message}",
                "Message": f"No {name}.",
                "MessageArgs": [name],
            }
            tree.asked.append((method, path, dict(data)))
            return Answer(400, {"error": {"@Message.ExtendedInfo": [info]}})
        return answer(method, path, headers, data)

    tree.served.answer = told


def test_parameter_that_is_unknown_is_left_out(tree):
    with tree.open() as bmc:
        refuse(tree, "WriteProtected", "ActionParameterUnknown")
        bmc.insert_media("Cd", IMAGE)
        assert tree.asked[-1][2] == {"Image": IMAGE, "Inserted": True}


def test_image_that_is_refused_is_the_end(tree):
    with tree.open() as bmc:
        refuse(tree, "Image", "PropertyValueFormatError")
        with pytest.raises(Unsupported):
            bmc.insert_media("Cd", IMAGE)
        assert len(tree.asked) == 1


def test_medium_that_never_shows(tree):
    with tree.open() as bmc:
        answer = tree.served.answer
        tree.served.answer = lambda method, *rest: (
            Answer(204) if method == "POST" else answer(method, *rest)
        )
        with pytest.raises(DeviceError, match="does not hold it"):
            bmc.insert_media("Cd", IMAGE)


@pytest.mark.parametrize(
    ("said", "good"),
    [
        ("", True),
        (IMAGE, True),
        ("/media/installer.iso", True),
        ("installer.iso", True),
        ("http://[fe80::1]/media/installer.iso", True),
        ("other.iso", False),
        ("/seed/abc", False),
        ("https://127.80.2.9:8480/other/installer.iso", False),
    ],
)
def test_image_as_it_is_told(said, good):
    assert shows(said, IMAGE) is good
