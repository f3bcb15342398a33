"""A recording has no identity and no secret of the machine, and is otherwise the machine's tree."""

from __future__ import annotations

import json
import re

import pytest
from small_tree import (
    MAC,
    MANAGER,
    PASSWORD,
    SERIAL,
    SYSTEM,
    USER,
    UUID,
    V1,
    SmallTree,
    at,
    listing,
    standard,
)

from bloomery.drivers.redfish import values
from bloomery.drivers.redfish.recorder.forms import Forms
from bloomery.drivers.redfish.recorder.identities import Identity
from bloomery.drivers.redfish.recorder.scrub import leftovers, scrub

KEY = b"k" * 32


def scrubbed(**properties: object) -> dict[str, object]:
    """The properties of one resource after scrubbing."""
    return scrub({V1: properties}, KEY)[V1]


SECRETS = {
    "Password": "hunter-22",
    "SNMPCommunity": "public-ro",
    "LicenseKey": "AAAA-BBBB-CCCC-1",
    "PrivateKey": "MIIEvQ",
    "XAuthToken": "f00dfeed",
    "EntitlementId": "E-55512",
    "EncryptionKey": "deadbeef",
    "CertificateString": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
}


def test_secrets_are_left_empty():
    assert scrubbed(**SECRETS) == dict.fromkeys(SECRETS)


def test_settings_that_only_speak_of_secrets_stay():
    kept = {
        "PasswordLength": 12,
        "PasswordChangeRequired": True,
        "PasswordPolicy": "Enabled",
        "Password@Redfish.AllowableValues": ["a", "b"],
        "PrivateKey": "",
    }
    assert scrubbed(**kept) == kept


ODD = {
    "serial in a sentence": "Chassis BX00A17, rear",
    "serial in lower case": "chassis-bx00a17-bay2",
    "mac in dashes": f"port {MAC.replace(':', '-').upper()}",
    "mac bare": f"eth-{MAC.replace(':', '')}",
    "mac in groups": "0211.2233.4455",
    "uuid without dashes": UUID.replace("-", ""),
    "uuid upper in braces": "{" + UUID.upper() + "}",
    "uuid in the other byte order": values.swapped(UUID),
    "address in a url": "https://10.44.5.6:8443/media/x.iso",
    "address in words": "reached from 10.44.5.6.",
    "account in words": "login by maintenance-7 refused",
}


def test_identity_is_found_wherever_it_stands():
    told = {
        "SerialNumber": SERIAL,
        "UUID": UUID,
        "MACAddress": MAC,
        "UserName": "maintenance-7",
        "deep": [{"nested": [ODD]}],
        **{f"key {SERIAL}": 1},
    }
    made = json.dumps(scrub({f"{V1}/Chassis/{SERIAL}/{MAC.replace(':', '')}": told}, KEY)).lower()
    bare = re.sub("[:.-]", "", made)
    for secret in (SERIAL, UUID, MAC, values.swapped(UUID), "maintenance-7", "10.44.5.6"):
        assert secret.lower() not in made
        assert re.sub("[:.-]", "", secret.lower()) not in bare


def test_one_identity_is_one_everywhere_in_each_of_its_forms():
    made = scrubbed(
        UUID=UUID,
        Upper=UUID.upper(),
        Bare=UUID.replace("-", ""),
        Turned=values.swapped(UUID),
        MACAddress=MAC,
        Dashes=MAC.upper().replace(":", "-"),
        SerialNumber=f"  {SERIAL} ",
        Note=f"of {SERIAL.lower()}",
    )
    assert made["UUID"] != UUID and values.uuid(made["UUID"]) == made["UUID"]
    assert made["Upper"] == str(made["UUID"]).upper()
    assert values.uuid(made["Bare"]) == made["UUID"] and "-" not in str(made["Bare"])
    assert values.swapped(made["Turned"]) == made["UUID"]
    assert values.mac(made["Dashes"]) == made["MACAddress"]
    assert str(made["MACAddress"]).startswith("02:")
    serial = str(made["SerialNumber"])
    assert serial.startswith("  ") and serial.endswith(" "), "blanks are kept"
    assert re.fullmatch(r"[A-Z]{2}\d\d[A-Z]\d\d", serial.strip())
    assert made["Note"] == f"of {serial.strip().lower()}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SerialNumber", 40912345678),
        ("AssetTag", "DC3.R12-17"),
        ("HostName", "node17.hall.example.org"),
        ("FQDN", "bmc17.hall.example.org"),
        ("SKU", "7XKQ2Z3"),
        ("Fingerprint", "AB:CD:" * 9 + "AB:12"),
        ("IPv6", "fd00:44::1:17"),
        ("Email", "somebody@hall.example.org"),
        ("Image", "nfs://files.hall.example.org/secret-path/installer.iso"),
        ("Image", "https://bob:pw99@10.44.5.6/x/y.iso?token=abc"),
        ("Blob", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0Y2RlZmdoaWprbG1ub3A5"),
        ("WWPN", "50:01:43:80:12:34:56:78"),
        ("Motd", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK root@bmc17"),
        ("Chain", "x -----BEGIN CERTIFICATE-----\nMIIBxyz\n-----END CERTIFICATE----- y"),
    ],
)
def test_kinds_of_identities(name, value):
    made = scrubbed(**{name: value})[name]
    assert type(made) is type(value) and made != value
    words = [one for one in re.findall(r"[A-Za-z0-9]{4,}", str(value)) if re.search(r"\d", one)]
    usual = {"ed25519"}
    assert [one for one in words if one in str(made) and one not in usual] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SerialNumber", "To Be Filled By O.E.M."),
        ("SerialNumber", "  "),
        ("AssetTag", ""),
        ("UUID", "00000000-0000-0000-0000-000000000000"),
        ("UserName", "root"),
        ("SubnetMask", "255.255.255.0"),
        ("Gateway", "0.0.0.0"),  # a value
        ("FirmwareVersion", "1.10.12.4"),
        ("@odata.type", "#Chassis.v1_2_0.Chassis"),
        ("Members@odata.count", 3),
        ("MaxSpeedMbps", 1000000),
        ("Schema", "https://redfish.dmtf.org/schemas/v1/odata-v4.json"),
        ("DateTime", "2026-03-01T10:20:30+00:00"),
        ("Model", "PowerEdge XE9680"),
        ("PartNumber", "0ABC12A00"),
        ("SerialPort", "Com1"),
        ("@odata.etag", 'W/"48"'),
    ],
)
def test_what_tells_nothing_stays(name, value):
    assert scrubbed(**{name: value}) == {name: value}


def test_links_still_lead_to_their_resources():
    tree = {
        V1: {"Chassis": at(f"{V1}/Chassis/{SERIAL}")},
        f"{V1}/Chassis/{SERIAL}": {"SerialNumber": SERIAL, "Id": SERIAL},
    }
    made = scrub(tree, KEY)
    (link,) = made[V1]["Chassis"].values()  # type: ignore[attr-defined]
    assert made[str(link)]["Id"] == made[str(link)]["SerialNumber"] != SERIAL


def test_case_of_hex_digits_is_that_of_the_original():
    forms = Forms(KEY)
    made = forms.hex("02AB34CD56EF")
    assert made == made.upper() and forms.hex("02:ab:34:cd:56:ef") == ":".join(
        re.findall("..", made.lower())
    )


def test_two_recordings_of_one_machine_have_nothing_in_common():
    one = Forms(b"a" * 32)
    other = Forms(b"b" * 32)
    assert one.text(SERIAL) != other.text(SERIAL)
    assert one.hex(MAC) != other.hex(MAC)


def test_what_is_left_is_found():
    known = [Identity("text", SERIAL), Identity("hex", MAC), Identity("text", "alice")]
    assert leftovers({V1: {"a": [f"of {SERIAL.lower()}"]}}, known) == {SERIAL}
    assert leftovers({f"{V1}/{MAC.replace(':', '')}": {}}, known) == {MAC}
    assert leftovers({V1: {"a": "alice"}}, known) == {"alice"}
    assert leftovers({V1: {"alice": "Alices"}}, known) == set()
    assert leftovers({V1: {"a": "hunter-22!"}}, (), ["hunter-22"]) == {"hunter-22"}


def test_password_of_the_login_is_removed_from_any_place():
    made = scrub({V1: {"Note": "set to hunter-22 by bob"}}, KEY, ["hunter-22"])
    assert made == {V1: {"Note": "set to  by bob"}}


def walk(tree: SmallTree, most: int = 500, seconds: float = 60):
    told: list[tuple[int, int]] = []
    with tree.open() as bmc:
        found = bmc.crawl(most, seconds, lambda read, more: told.append((read, more)))
        assert tree.asked == [], "read only"
    return found, told


def test_whole_tree_is_read_but_sessions_and_logs():
    tree = SmallTree()
    tree[MANAGER]["LogServices"] = at(f"{MANAGER}/LogServices")
    tree.add(listing(f"{MANAGER}/LogServices", "Sel"))
    found, told = walk(tree)
    wanted = {one.lower() for one in standard()} | {f"{V1}".lower()}
    assert {one.lower() for one in found.resources} == wanted
    assert found.resources[f"{V1}/SessionService/Sessions"]["Members"] == []
    assert found.left == 0 and told[-1] == (len(found.resources), 0)


def test_pages_are_joined_and_action_infos_followed():
    tree = SmallTree()
    ports = f"{MANAGER}/Ports"
    names = [f"eth{number}" for number in range(15)]
    tree.add(listing(ports, *names))
    for name in names:
        tree.add({"@odata.id": f"{ports}/{name}", "Id": name})
    reset = tree[SYSTEM]["Actions"]["#ComputerSystem.Reset"]  # type: ignore[index]
    reset["@Redfish.ActionInfo"] = f"{SYSTEM}/ResetActionInfo"
    tree.add({"@odata.id": f"{SYSTEM}/ResetActionInfo", "Parameters": []})
    found, _ = walk(tree)
    assert len(found.resources[ports]["Members"]) == 15  # type: ignore[arg-type]
    assert "Members@odata.nextLink" not in found.resources[ports]
    assert f"{SYSTEM}/ResetActionInfo" in found.resources


def test_bounds_and_what_cannot_be_read():
    tree = SmallTree()
    tree.drop(f"{SYSTEM}/Bios")
    found, _ = walk(tree)
    assert found.unread[f"{SYSTEM}/Bios"] == "HTTP 404" and found.left == 0
    few, _ = walk(tree, most=5)
    assert len(few.resources) == 5 and few.left > 0
    none, _ = walk(tree, seconds=0)
    assert none.left == 1


def test_recording_has_nothing_of_the_machine():
    tree = SmallTree()
    found, _ = walk(tree)
    made = json.dumps(scrub(found.resources, KEY, [PASSWORD]))
    for one in (SERIAL, UUID, MAC, PASSWORD):
        assert one not in made
    assert USER in made, "an account as delivered tells nothing"
