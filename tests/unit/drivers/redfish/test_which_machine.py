"""Which resource is the machine, its BMC and its chassis; what is missing hides nothing else."""

from __future__ import annotations

import pytest
from small_tree import (
    CHASSIS,
    MAC,
    MANAGER,
    SERIAL,
    SOUGHT,
    SYSTEM,
    UUID,
    V1,
    SmallTree,
    at,
    listing,
)

from bloomery.drivers.redfish.identity import compare
from bloomery.drivers.redfish.protocol import Sought
from bloomery.errors import Busy, NotTrusted, Unsupported

OTHER = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def tree() -> SmallTree:
    return SmallTree()


def with_baseboard(tree: SmallTree, **system: object) -> None:
    """A GPU baseboard before the host, with a BMC and a chassis of its own."""
    tree.add(listing(f"{V1}/Systems", "Baseboard", "Host"))
    tree.add(listing(f"{V1}/Managers", "Hmc", "Bmc"))
    tree.add(listing(f"{V1}/Chassis", "Gpu1", "Gpu2", "Box"))
    links = {"ManagedBy": [at(f"{V1}/Managers/Hmc")], "Chassis": [at(f"{V1}/Chassis/Gpu1")]}
    tree.add({"@odata.id": f"{V1}/Systems/Baseboard", "UUID": OTHER, "Links": links, **system})
    tree.add({"@odata.id": f"{V1}/Managers/Hmc", "FirmwareVersion": "hmc"})
    for name in ("Gpu1", "Gpu2"):
        tree.add(
            {"@odata.id": f"{V1}/Chassis/{name}", "ChassisType": "Module", "SerialNumber": name}
        )


def test_standard_tree(tree):
    with tree.open() as bmc:
        facts = bmc.facts()
        assert compare(SOUGHT, facts).proven
        assert (facts.power, facts.bmc_version, facts.bios["Cores"]) == ("On", "7.1", "64")
        assert not facts.lacks and facts.quality("bios") == "good"


def test_host_beside_a_baseboard_with_a_bios(tree):
    with_baseboard(tree, Bios=at(f"{SYSTEM}/Bios"), Actions=tree[SYSTEM]["Actions"])
    with tree.open() as bmc:
        facts = bmc.facts()
        assert (facts.system_uuid, facts.bmc_version, facts.bmc_macs) == (UUID, "7.1", (MAC,))


def test_host_by_a_uuid_in_the_other_byte_order(tree):
    with_baseboard(tree, Actions=tree[SYSTEM]["Actions"])
    tree[SYSTEM]["UUID"] = "3D2C1B0A-5F4E-7160-8293-A4B5C6D7E8F9"
    with tree.open() as bmc:
        assert compare(SOUGHT, bmc.facts()).proven


def test_host_by_serial_where_there_is_no_uuid(tree):
    with_baseboard(tree, Actions=tree[SYSTEM]["Actions"], SerialNumber="GPUS")
    tree[SYSTEM].pop("UUID")
    with tree.open() as bmc:
        assert bmc.facts().serials["the system"] == SERIAL


def test_another_machine_is_told_from_its_baseboard_and_differs(tree):
    with_baseboard(tree)
    wanted = Sought(MAC, "OTHER", "99999999-8888-7777-6666-555555555555")
    with tree.open(wanted) as bmc:
        assert set(compare(wanted, bmc.facts()).differs) == {"chassis serial", "system UUID"}


@pytest.mark.parametrize(
    ("two", "told"),
    [
        (
            {"UUID": OTHER, "SerialNumber": "B1"},
            f"UUID is {UUID}, {OTHER}, and SerialNumber is B1, ",
        ),
        ({"UUID": UUID, "SerialNumber": SERIAL}, f"UUID is {UUID}, and SerialNumber is {SERIAL}$"),
        ({"UUID": UUID}, f"UUID is {UUID}, and SerialNumber is not told, {SERIAL}$"),
    ],
)
def test_systems_that_nothing_tells_apart(tree, two, told):
    with_baseboard(tree, Actions=tree[SYSTEM]["Actions"])
    tree[f"{V1}/Systems/Baseboard"].pop("UUID")
    tree[f"{V1}/Systems/Baseboard"].update(two)
    with (
        tree.open(Sought(MAC, "OTHER", "")) as bmc,
        pytest.raises(Unsupported, match=rf"\(Baseboard, Host\).* do not tell apart: {told}"),
    ):
        bmc.facts()


def test_systems_that_tell_nothing_of_themselves(tree):
    with_baseboard(tree, Actions=tree[SYSTEM]["Actions"])
    for path in (SYSTEM, f"{V1}/Systems/Baseboard"):
        for name in ("UUID", "SerialNumber"):
            tree[path].pop(name, None)
    why = "none tells a UUID, and none tells a SerialNumber$"
    with tree.open(Sought(MAC, "OTHER", "")) as bmc, pytest.raises(Unsupported, match=why):
        bmc.facts()


def test_host_that_does_not_answer_now_is_not_taken_for_its_baseboard(tree):
    with_baseboard(tree)
    tree.drop(SYSTEM)
    with tree.open() as bmc:
        for _ in range(2):
            with pytest.raises(Busy, match="404"):
                bmc.facts()


def test_baseboard_that_does_not_answer_now_hides_no_host(tree):
    with_baseboard(tree)
    tree.drop(f"{V1}/Systems/Baseboard")
    with tree.open() as bmc:
        assert bmc.facts().system_uuid == UUID


def test_manager_that_does_not_answer_now_hides_nothing_else(tree):
    tree.drop(MANAGER)
    with tree.open() as bmc:
        facts = bmc.facts()
        assert facts.quality("bmc_version") == facts.quality("media") == "unreadable"
        assert (facts.system_uuid, facts.serials["the system"]) == (UUID, SERIAL)
        assert bmc.personality().boot_resource == SYSTEM
        bmc.boot_once("Cd")


def test_no_system_yet(tree):
    tree.add(listing(f"{V1}/Systems"))
    with tree.open() as bmc, pytest.raises(Busy, match="no system yet"):
        bmc.facts()


def test_manager_by_its_own_link(tree):
    with_baseboard(tree)
    tree[SYSTEM]["Links"] = {}
    tree[MANAGER]["Links"] = {"ManagerForServers": [at(SYSTEM.upper().replace("/REDFISH/V1", V1))]}
    with tree.open() as bmc:
        assert bmc.facts().bmc_version == "7.1"


def test_enclosing_chassis_has_the_label(tree):
    tree.add(listing(f"{V1}/Chassis", "Board", "Box"))
    tree.add(
        {
            "@odata.id": f"{V1}/Chassis/Board",
            "ChassisType": "Component",
            "SerialNumber": "BOARD7",
            "Links": {"ContainedBy": at(CHASSIS)},
        }
    )
    tree[SYSTEM]["Links"]["Chassis"] = [at(f"{V1}/Chassis/Board")]
    tree[SYSTEM].pop("SerialNumber")
    with tree.open() as bmc:
        assert bmc.facts().serials == {"the chassis": "BOARD7", "the chassis Box": SERIAL}


def test_shelf_that_says_it_holds_the_system(tree):
    tree.add(listing(f"{V1}/Chassis", *(f"Part{at}" for at in range(15)), "Box"))
    for number in range(15):
        tree.add({"@odata.id": f"{V1}/Chassis/Part{number}", "ChassisType": "Component"})
    tree[SYSTEM]["Links"]["Chassis"] = [at(f"{V1}/Chassis/Part0")]
    tree[SYSTEM].pop("SerialNumber")
    tree[CHASSIS]["Links"] = {"ComputerSystems": [at(SYSTEM)]}
    with tree.open() as bmc:  # its collection has pages, and is on the last
        assert bmc.facts().serials == {"the chassis Box": SERIAL}


PORTS = f"{MANAGER}/Ports"


def test_all_enabled_ports_and_none_to_the_host(tree):
    off = {"InterfaceEnabled": False}
    inner = {"Links": {"HostInterface": at(f"{MANAGER}/HostInterfaces/1")}}
    kinds = {
        "eth1": {},
        "hostusb0": {},
        "off": off,
        "inner": inner,
        "down": {"Status": {"State": "Disabled"}},
    }
    tree.add(listing(PORTS, *kinds, "eth0"))
    for number, (name, more) in enumerate(kinds.items()):
        mac = f"02-00-00-00-00-0{number}"
        tree.add({"@odata.id": f"{PORTS}/{name}", "Id": name, "MACAddress": mac, **more})
    with tree.open() as bmc:
        assert bmc.facts().bmc_macs == ("02:00:00:00:00:00", MAC)


@pytest.mark.parametrize(
    ("path", "name", "fact"),
    [
        (SYSTEM, "Bios", "bios"),
        (SYSTEM, "Boot", "boot_once"),
        (SYSTEM, "UUID", "system_uuid"),
        (SYSTEM, "PowerState", "power"),
        (SYSTEM, "AssetTag", "asset_tag"),
        (MANAGER, "VirtualMedia", "media"),
        (MANAGER, "EthernetInterfaces", "bmc_macs"),
        (MANAGER, "FirmwareVersion", "bmc_version"),
    ],
)
def test_fact_that_is_absent_hides_no_other(tree, path, name, fact):
    tree[path].pop(name)
    with tree.open() as bmc:
        facts = bmc.facts()
    assert {one for one, lack in facts.lacks.items() if lack.quality == "absent"} >= {fact}
    assert facts.model == "bx-1" and facts.lack(fact)


@pytest.mark.parametrize(
    ("path", "fact"),
    [(f"{SYSTEM}/Bios", "bios"), (f"{PORTS}/eth0", "bmc_macs"), (CHASSIS, "serials")],
)
def test_fact_that_cannot_be_read_now_is_told_from_an_absent_one(tree, path, fact):
    tree.drop(path)
    if fact == "serials":
        tree[SYSTEM].pop("SerialNumber")
    with tree.open() as bmc:
        facts = bmc.facts()
    assert facts.quality(fact) == "unreadable" and "404" in facts.lack(fact)
    assert facts.power == "On"


def test_system_that_cannot_be_read_is_not_yet(tree):
    with tree.open() as bmc:
        answer = tree.served.answer

        def empty(method, path, headers, data):
            said = answer(method, path, headers, data)
            return type(said)(200, None) if path == SYSTEM else said

        tree.served.answer = empty
        with pytest.raises(Busy, match="empty"):
            bmc.facts()


def test_service_tag_on_the_label_of_a_dell(tree):
    tree[V1]["Vendor"] = "Dell"
    tree[SYSTEM]["SKU"], tree[SYSTEM]["SerialNumber"] = SERIAL, "CNBOARD1"
    tree[CHASSIS]["SerialNumber"] = "CNBOARD1"
    with tree.open() as bmc:
        assert bmc.personality().kind == "dell"
        assert compare(SOUGHT, bmc.facts()).agreed["chassis serial"] == "is that of the service tag"
    tree[V1]["Vendor"] = "Other"  # there the SKU is the product, the same on every machine
    with tree.open() as bmc:
        assert "chassis serial" in compare(SOUGHT, bmc.facts()).differs


def test_personality_says_how_and_why(tree):
    with tree.open() as bmc:
        found = bmc.personality()
    assert (found.kind, found.slots["Cd"], found.boot_resource) == (
        "standard",
        f"{MANAGER}/VirtualMedia/Disc",
        SYSTEM,
    )
    assert found.bios_resource == f"{SYSTEM}/Bios/Settings" and found.apply_time == ""
    assert "ForceOff" in found.resets and found.why


def test_redirect_to_another_address_is_not_followed(tree):
    with tree.open() as bmc:
        answer = tree.served.answer

        def elsewhere(method, path, headers, data):
            said = answer(method, path, headers, data)
            away = {"Location": f"https://127.80.2.77{path}"}
            return type(said)(301, None, away) if path == SYSTEM else said

        tree.served.answer = elsewhere
        with pytest.raises(NotTrusted, match=r"127\.80\.2\.77"):
            bmc.facts()


def test_paths_with_a_slash_are_found_by_their_redirect(tree):
    tree[SYSTEM]["@odata.id"] = f"{SYSTEM}/"
    tree.add(listing(f"{V1}/Systems", "Host"))
    with tree.open() as bmc:
        assert bmc.facts().system_uuid == UUID


def test_ids_in_another_case_than_the_links(tree):
    tree.resources = {
        path.lower() if "Bios" in path else path: body for path, body in tree.resources.items()
    }
    with tree.open() as bmc:
        assert bmc.facts().bios["BootMode"] == "Uefi"
