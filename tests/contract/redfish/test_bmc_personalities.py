"""What each personality shows on the wire: the facts of docs/bmcs.md, read without the client.

The client copes with all of them, so its tests would pass on an emulator that had none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest
import requests
from bmc_rig import MAC, PASSWORD, SERIAL, USER, UUID, Rig, running

from bloomery.drivers.redfish.fake.personalities import PERSONALITIES
from bloomery.site.metal.personality import PersonalityName

V1 = "/redfish/v1"
SYSTEMS = {
    "standard": "1",
    "dgx-h100": "DGX",
    "gb200": "System_0",
    "gb300": "System_0",
    "idrac9": "System.Embedded.1",
    "idrac10": "System.Embedded.1",
    "ilo6": "1",
    "xcc1": "1",
    "xcc2": "1",
    "smc-h100": "1",
    "ami": "Self",
    "uefi-http": "1",
}
BOARDS = ("dgx-h100", "gb200", "gb300")
CD = "https://127.80.0.9:8480/media/debian.iso"


@dataclass
class Bare:
    """Plain HTTP with basic authentication, so that no session is in the way."""

    rig: Rig
    session: requests.Session

    def call(self, method: str, path: str, **options) -> requests.Response:
        url = f"https://{self.rig.address}{path}"
        options.setdefault("allow_redirects", True)
        return self.session.request(method, url, timeout=5, **options)

    def get(self, path: str) -> dict:
        reply = self.call("GET", path)
        assert reply.status_code == 200, (path, reply.status_code, reply.text)
        return reply.json()

    def members(self, path: str) -> list[str]:
        """Ids in the order they are listed, over all pages."""
        found: list[str] = []
        while path:
            page = self.get(path)
            found += [one["@odata.id"] for one in page["Members"]]
            path = page.get("Members@odata.nextLink", "")
        return [one.rstrip("/").rpartition("/")[2] for one in found]

    @property
    def name(self) -> str:
        return self.rig.shape.name

    @property
    def system_path(self) -> str:
        return f"{V1}/Systems/{SYSTEMS[self.name]}"

    @property
    def system(self) -> dict:
        return self.get(self.system_path)

    def follow(self, body: dict, *names: str) -> dict:
        for name in names:
            body = body[name]
        return self.get(body["@odata.id"])

    def media(self) -> str:
        """Path of the collection of slots."""
        manager = self.follow({"at": self.system["Links"]["ManagedBy"][0]}, "at")
        owner = self.system if "VirtualMedia" in self.system else manager
        return owner["VirtualMedia"]["@odata.id"]

    def patch(self, path: str, body: dict) -> requests.Response:
        """With an ETag, as the strictest wants it."""
        tag = self.call("GET", path).headers.get("ETag", "")
        headers = {"If-Match": tag} if tag else {}
        return self.call("PATCH", path, json=body, headers=headers)


@pytest.fixture(params=list(PERSONALITIES))
def bare(request, loop, office):
    for rig in running(request.param, loop, office):
        with requests.Session() as session:
            session.trust_env = False
            session.verify = str(office.ca)
            session.auth = (USER, PASSWORD)
            yield Bare(rig, session)


def test_site_and_emulator_know_the_same_names():
    assert tuple(PERSONALITIES) == get_args(PersonalityName)
    assert set(PERSONALITIES) == set(SYSTEMS)


def test_page_has_a_row_for_each():
    page = (Path(__file__).parents[3] / "docs" / "bmcs.md").read_text()
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|(?:[^|\n]*\|){6}$", page, re.MULTILINE)
    assert sorted(rows) == sorted(PERSONALITIES)


def test_baseboard_comes_first_with_a_bios_of_its_own(bare):
    systems = bare.members(f"{V1}/Systems")
    board = ["HGX_Baseboard_0"] if bare.name in BOARDS else []
    assert systems == [*board, SYSTEMS[bare.name]]
    for one in board:
        attributes = bare.follow(bare.get(f"{V1}/Systems/{one}"), "Bios")["Attributes"]
        assert "BootMode" not in attributes
        assert len(bare.members(f"{V1}/Managers")) == len(bare.members(f"{V1}/Chassis")) == 2


def test_every_link_of_the_tree_answers(bare):
    todo, seen = [f"{V1}/"], set()
    while todo:
        path = todo.pop()
        if path.rstrip("/") in seen or "#" in path:
            continue
        seen.add(path.rstrip("/"))
        todo += links(bare.get(path))
    assert len(seen) > 30


def links(body: object) -> list[str]:
    if isinstance(body, list):
        return [path for one in body for path in links(one)]
    if not isinstance(body, dict):
        return []
    own = [str(body[name]) for name in ("@odata.id", "@Redfish.ActionInfo") if name in body]
    return own + [path for value in body.values() for path in links(value)]


def test_identity_is_written_as_the_personality_does(bare):
    system, forms = bare.system, {"idrac9": "sku", "idrac10": "sku", "ilo6": "padded"}
    form = forms.get(bare.name, "plain")
    assert (system.get("SKU") == SERIAL) is (form == "sku")
    assert (system["SerialNumber"] == SERIAL) is (form == "plain")
    assert (system["SerialNumber"].strip() == SERIAL) is (form != "sku")
    swapped = "0E4F1C5D-0A6F-554C-9A0E-0C2F6E7B8A01"
    upper = {"dgx-h100": UUID.upper(), "ilo6": UUID.upper(), "smc-h100": swapped, "ami": swapped}
    assert system["UUID"] == upper.get(bare.name, UUID)


def test_asset_tag_is_absent_padded_or_has_text(bare):
    first = {"dgx-h100": "Free form asset tag", "ami": "Free form asset tag", "ilo6": " " * 32}
    absent = ("gb200", "gb300", "smc-h100")
    if bare.name in absent:
        assert "AssetTag" not in bare.system
        assert bare.patch(bare.system_path, {"AssetTag": "x"}).status_code == 400
        return
    assert bare.system["AssetTag"] == first.get(bare.name, "")
    assert bare.patch(bare.system_path, {"AssetTag": "x"}).status_code == 204
    assert bare.system["AssetTag"] == ("x".ljust(32) if bare.name == "ilo6" else "x")


def test_port_of_the_bmc_is_not_the_first_where_one_leads_to_the_host(bare):
    first = {
        "dgx-h100": "usb0",
        "gb200": "hostusb0",
        "gb300": "hostusb0",
        "ilo6": "2",
        "xcc1": "ToHost",
        "xcc2": "ToHost",
        "smc-h100": "ToHost",
        "ami": "usb0",
    }
    manager = bare.get(bare.system["Links"]["ManagedBy"][0]["@odata.id"])
    ports = manager["EthernetInterfaces"]["@odata.id"]
    listed = bare.members(ports)
    found = {one: bare.get(f"{ports.rstrip('/')}/{one}")["MACAddress"] for one in listed}
    assert [one for one, mac in found.items() if mac == MAC] == listed[-1:]
    assert (len(listed) > 1) is (bare.name in first)
    assert listed[0] == first.get(bare.name, listed[0])


def test_boot_progress_is_told_stays_or_is_absent(bare):
    bare.rig.metal.on = True
    stays = {"gb300", "smc-h100"}
    wanted = {"LastState": "SystemHardwareInitializationComplete"} if bare.name in stays else None
    if bare.name in ("dgx-h100", "xcc2", "ami"):
        assert "BootProgress" not in bare.system
    else:
        assert bare.system["BootProgress"] == (wanted or {"LastState": "OSRunning"})


def test_boot_override_is_taken_in_one_place_under_one_name(bare):
    places = {"dgx-h100": "/SD", "gb200": "/Settings", "gb300": "/Settings"}
    target = {"smc-h100": "UsbCd", "uefi-http": "UefiHttp"}.get(bare.name, "Cd")
    boot = {"Boot": {"BootSourceOverrideTarget": target, "BootSourceOverrideEnabled": "Once"}}
    if bare.name in places:
        assert bare.patch(bare.system_path, boot).status_code == 400
    path = bare.system_path + places.get(bare.name, "")
    assert bare.patch(path, boot).status_code == 204
    kept = bare.name in ("gb300", "ami")
    shown = bare.get(path)["Boot"]["BootSourceOverrideEnabled"]
    assert shown == ("Continuous" if kept else "Once")


def test_slots_are_where_and_as_the_vendor_has_them(bare):
    both = ["CD", "DVD", "USBStick"]
    wanted = {
        "standard": {"Cd": ["CD", "DVD"], "Seed": ["CD", "USBStick"]},
        "dgx-h100": {"HD1": ["USBStick"], "CD1": ["CD", "DVD"]},
        "gb200": {"USB2": ["CD", "USBStick"], "USB1": ["CD", "USBStick"]},
        "gb300": {"USB2": ["CD", "USBStick"], "USB1": ["CD", "USBStick"]},
        "idrac9": {"RemovableDisk": ["USBStick"], "CD": ["CD", "DVD"]},
        "idrac10": {"1": both, "2": both},
        "ilo6": {"1": ["Floppy", "USBStick"], "2": ["CD", "DVD"]},
        "smc-h100": {f"VirtualMedia{at}": [*both, "Floppy"] for at in (1, 2, 3)},
        "ami": {"CD1": None, "HD1": None},
        "uefi-http": {},
    }
    media = bare.media()
    assert media.startswith(f"{V1}/Systems" if bare.name in ("idrac10", "xcc2") else f"{V1}/Man")
    if bare.name in ("dgx-h100", "ami"):
        assert bare.members(media) == []
        enable(bare)
    if bare.name in ("xcc1", "xcc2"):
        assert len(bare.members(media)) == (4 if bare.name == "xcc1" else 10)
        return
    slots = {one: bare.get(f"{media.rstrip('/')}/{one}") for one in bare.members(media)}
    assert {one: body.get("MediaTypes") for one, body in slots.items()} == wanted[bare.name]
    assert all("#VirtualMedia.InsertMedia" in body["Actions"] for body in slots.values())


def enable(bare: Bare) -> None:
    manager = bare.get(bare.system["Links"]["ManagedBy"][0]["@odata.id"])
    target = manager["Actions"]["Oem"]["#AMIVirtualMedia.EnableRMedia"]["target"]
    assert bare.call("POST", target, json={"RMediaState": "Disable"}).status_code == 400
    assert bare.call("POST", target, json={"RMediaState": "Enable"}).status_code == 204


GIVEN = {"TransferProtocolType": "HTTPS", "TransferMethod": "Stream"}
INSERTED = {
    "dgx-h100": ("CD1", 202, None),
    "gb200": ("USB1", 204, "/media/debian.iso"),
    "gb300": ("USB1", 202, "/media/debian.iso"),
    "idrac9": ("CD", 204, CD),
    "idrac10": ("1", 204, CD),
    "ilo6": ("2", 204, CD),
    "smc-h100": ("VirtualMedia1", 202, CD),
    "ami": ("CD1", 202, None),
    "standard": ("Cd", 204, CD),
}


LATE = ("dgx-h100", "gb200", "gb300", "smc-h100", "ami")
NEEDS = {
    "gb300": ("TransferProtocolType",),
    "smc-h100": ("TransferProtocolType", "TransferMethod"),
    "ami": ("TransferProtocolType",),
}


def test_medium_is_accepted_now_or_later_and_shown_in_the_personalitys_way(bare):
    if bare.name in ("xcc1", "xcc2"):
        medium_by_patch(bare)
        return
    if bare.name == "uefi-http":
        medium_by_url(bare)
        return
    if bare.name in ("dgx-h100", "ami"):
        enable(bare)
    slot, status, image = INSERTED[bare.name]
    path = f"{bare.media().rstrip('/')}/{slot}"
    insert = bare.get(path)["Actions"]["#VirtualMedia.InsertMedia"]
    assert ("@Redfish.ActionInfo" in insert) is (bare.name == "smc-h100")
    bare.rig.clock.tick = 0.0  # from here on nothing happens by itself
    needs = NEEDS.get(bare.name, ())
    for name in needs:
        given = {"Image": CD, **{one: GIVEN[one] for one in needs if one != name}}
        assert bare.call("POST", insert["target"], json=given).status_code == 400
    given = {"Image": CD, **{one: GIVEN[one] for one in needs}}
    reply = bare.call("POST", insert["target"], json=given)
    assert reply.status_code == status
    assert bare.get(path)["Inserted"] is (bare.name not in LATE)
    if status == 202:
        assert bare.get(reply.headers["Location"])["TaskState"] == "Running"
    bare.rig.clock.ahead += 1
    if status == 202:
        assert bare.get(reply.headers["Location"])["TaskState"] == "Completed"
    body = bare.get(path)
    assert (body["Inserted"], body["Image"], body["ImageName"]) == (True, image, "debian.iso")


def medium_by_url(bare: Bare) -> None:
    path = bare.system_path
    assert bare.system["Boot"]["HttpBootUri"] == ""
    for bad in ("nfs://server/x.iso", "https://", "x.iso"):
        assert bare.patch(path, {"Boot": {"HttpBootUri": bad}}).status_code == 400
    assert bare.patch(path, {"Boot": {"HttpBootUri": CD}}).status_code == 204
    boot = bare.system["Boot"]
    assert (boot["HttpBootUri"], boot["BootSourceOverrideTarget"]) == (CD, "None")
    certificates = boot["Certificates"]["@odata.id"]
    ca = {"CertificateString": bare.rig.office.ca.read_text(), "CertificateType": "PEM"}
    assert bare.call("POST", certificates, json=ca).status_code == 201
    assert bare.members(certificates) == ["1"]
    assert bare.patch(path, {"Boot": {"HttpBootUri": ""}}).status_code == 204


def medium_by_patch(bare: Bare) -> None:
    path, url = bare.media(), bare.rig.url(CD)
    assert all("Actions" not in bare.get(f"{path}/{one}") for one in bare.members(path))
    assert bare.patch(f"{path}/RDOC1", {"Image": url}).status_code == 400
    tls = bare.patch(f"{path}/EXT1", {"Image": CD, "Inserted": True}).status_code
    assert tls == (400 if bare.name == "xcc1" else 204)
    assert bare.patch(f"{path}/EXT1", {"Image": None, "Inserted": False}).status_code == 204
    assert bare.patch(f"{path}/EXT1", {"Image": url, "Inserted": True}).status_code == 204
    assert bare.get(f"{path}/EXT1")["Image"] == url
    assert bare.patch(f"{path}/EXT1", {"Image": None, "Inserted": False}).status_code == 204
    assert bare.get(f"{path}/EXT1")["Inserted"] is False


def test_slots_keep_cas_and_verify_once_they_are_told_to(bare):
    if bare.name in ("dgx-h100", "ami"):
        enable(bare)
    keeps = bare.name == "xcc2"
    for one in bare.members(bare.media()):
        body = bare.get(f"{bare.media().rstrip('/')}/{one}")
        assert body["VerifyCertificate"] is (bare.name not in ("xcc1", "xcc2"))
        assert ("Certificates" in body) is keeps
    if not keeps:
        return
    path = f"{bare.media()}/EXT1"
    assert bare.members(f"{path}/Certificates") == []
    ca = {"CertificateString": bare.rig.office.ca.read_text(), "CertificateType": "PEM"}
    added = bare.call("POST", f"{path}/Certificates", json=ca)
    assert added.status_code == 201
    assert bare.get(added.headers["Location"])["CertificateString"] == ca["CertificateString"]
    for bad in ({**ca, "CertificateString": "none"}, {**ca, "CertificateType": "PKCS7"}):
        assert bare.call("POST", f"{path}/Certificates", json=bad).status_code == 400
    assert bare.members(f"{path}/Certificates") == ["1"]
    assert bare.patch(path, {"VerifyCertificate": "yes"}).status_code == 400
    assert bare.patch(path, {"VerifyCertificate": True}).status_code == 204
    assert bare.get(path)["VerifyCertificate"] is True
    assert bare.get(f"{bare.media()}/EXT2")["VerifyCertificate"] is False


def test_bios_is_written_where_and_as_the_personality_has_it(bare):
    settings = {"dgx-h100": "Bios/SD", "ilo6": "bios/settings"}
    settings |= {"xcc1": "Bios/Pending", "xcc2": "Bios/Pending"}
    settings |= {"smc-h100": "Bios/SD", "ami": ""}
    times = {"standard", "idrac9", "idrac10", "ilo6", "xcc1", "xcc2", "uefi-http"}
    bios = bare.follow(bare.system, "Bios")
    declared = bios["@Redfish.Settings"]
    last = settings.get(bare.name, "Bios/Settings")
    where = declared.get("SettingsObject", {}).get("@odata.id", "").rstrip("/")
    assert where.endswith(last) and bool(where) is bool(last)
    assert ("SupportedApplyTimes" in declared) is (bare.name in times)
    staged = bare.patch(
        where or bios["@odata.id"], {"Attributes": {"SriovGlobalEnable": "Enabled"}}
    )
    dell = bare.name in ("idrac9", "idrac10")
    assert staged.status_code == (202 if dell else 204)
    bare.rig.do(lambda: bare.rig.fake.power.reset("On"))
    bare.rig.do(lambda: None)
    held = bare.follow(bare.system, "Bios")["Attributes"]["SriovGlobalEnable"]
    assert held == ("Disabled" if dell else "Enabled"), "without an apply time it waits for ever"


def test_resets_that_are_offered_and_a_state_that_is_already(bare):
    action = bare.system["Actions"]["#ComputerSystem.Reset"]
    listed = "ResetType@Redfish.AllowableValues" in action
    plain = ("standard", "idrac9", "idrac10", "ilo6", "xcc1", "xcc2", "uefi-http")
    assert listed is (bare.name in plain)
    asked = {
        kind: bare.call("POST", action["target"], json={"ResetType": kind}).status_code
        for kind in ("ForceOff", "GracefulShutdown")
    }
    conflict = bare.name in ("idrac9", "idrac10", "xcc1", "xcc2")
    good = 202 if bare.name in ("dgx-h100", "gb300", "ami") else 204
    assert asked["ForceOff"] == (409 if conflict else good)
    assert asked["GracefulShutdown"] == (400 if bare.name == "ami" else asked["ForceOff"])


def test_patch_needs_an_etag_or_knows_none(bare):
    wanted = ("dgx-h100", "xcc1", "xcc2", "ami")
    path = f"{V1}/AccountService/Accounts/1"
    tag = bare.call("GET", path).headers.get("ETag", "")
    kind = "absent" if not tag else "weak" if tag.startswith("W/") else "strong"
    weak = ("standard", "idrac10", "ilo6", "ami", "uefi-http")
    strong = ("dgx-h100", "gb200", "gb300", "xcc1", "xcc2")
    assert kind == ("weak" if bare.name in weak else "strong" if bare.name in strong else "absent")
    bald = bare.call("PATCH", path, json={"Locked": False})
    assert bald.status_code == (428 if bare.name in wanted else 204)
    stale = bare.call("PATCH", path, json={"Locked": False}, headers={"If-Match": '"old"'})
    assert stale.status_code == (204 if kind == "absent" else 412)


def test_slash_at_the_end_and_pages(bare):
    path = f"{V1}/Systems"
    bald = bare.call("GET", path, allow_redirects=False)
    slash = bare.name == "ilo6"
    assert bald.status_code == (301 if slash else 200)
    if slash:
        assert bald.headers["Location"] == f"{path}/"
        assert bare.system["@odata.id"].endswith("/")
    size = {"gb200": 2, "gb300": 2, "idrac10": 1}.get(bare.name)
    page = bare.get(f"{V1}/UpdateService/FirmwareInventory")
    assert ("Members@odata.nextLink" in page) is (size == 1)
    manager = bare.get(bare.system["Links"]["ManagedBy"][0]["@odata.id"])
    ports = bare.get(manager["EthernetInterfaces"]["@odata.id"])
    assert ("Members@odata.nextLink" in ports) is (size == 2)


def test_session_limit_is_told_as_503_or_403(bare):
    limit = {"ilo6": 403, "smc-h100": 403}
    bare.rig.do(lambda: bare.rig.fake.faults.apply("sessions-full"))
    login = {"UserName": USER, "Password": PASSWORD}
    reply = bare.call("POST", f"{V1}/SessionService/Sessions", json=login)
    assert reply.status_code == limit.get(bare.name, 503)


def test_factory_password_is_changed_before_anything_else(bare):
    told, refused = ("gb200", "gb300", "xcc2"), ("idrac10", "ilo6")
    must = bare.name in (*told, *refused)
    bare.rig.saved = None
    bare.rig.restart()  # as from the factory
    login = {"UserName": USER, "Password": PASSWORD}
    reply = bare.call("POST", f"{V1}/SessionService/Sessions", json=login)
    assert reply.status_code == 201
    assert ("PasswordChangeRequired" in reply.text) is (bare.name in told)
    slash = "/" if bare.name == "ilo6" else ""
    closed = bare.call("GET", f"{V1}/Systems{slash}")
    assert closed.status_code == (403 if must else 200)
    assert ("PasswordChangeRequired" in closed.text) is must
    assert bare.call("GET", f"{V1}/AccountService/Accounts/1{slash}").status_code == 200
    bare.patch(f"{V1}/AccountService/Accounts/1{slash}", {"Password": "Derived-9pass-7z"})
    bare.session.auth = (USER, "Derived-9pass-7z")
    assert bare.call("GET", f"{V1}/Systems{slash}").status_code == 200
