"""What the emulator says over HTTPS beyond the contract, read by the real sushy."""

from __future__ import annotations

import base64

import pytest
import sushy
from urllib3.connection import HTTPSConnection

from bloomery.errors import DeviceError, Unreachable

V1 = "/redfish/v1"


def test_calls_that_follow_at_once_share_a_connection_and_none_is_left_open(wire, monkeypatch):
    made = []
    connect = HTTPSConnection.connect
    monkeypatch.setattr(HTTPSConnection, "connect", lambda self: (made.append(self), connect(self)))
    bmc = wire.login()
    bmc.facts()
    bmc.set_asset_tag("bloomery/tests/g1")
    assert len(made) == 1
    monkeypatch.setattr("bloomery.drivers.redfish.wire.KEPT_SECONDS", 0.0)
    bmc.now()
    assert len(made) == 2, "one that was idle is not used"
    bmc.close()
    assert [one for one in made if one.is_connected] == []


def test_task_goes_from_running_to_completed(wire, sushy_root):
    updates = sushy_root.get_update_service()
    monitor = updates.simple_update("https://127.80.0.9/bmc-2.12.0.bin")
    wire.clock.ahead += 0.06
    assert monitor.check_is_processing
    task = sushy_root.get_task_service().tasks.get_members()[0]
    assert task.task_state == sushy.TaskState.RUNNING
    assert 0 < task.percent_complete < 90
    wire.clock.ahead += 1
    task.refresh()
    assert task.task_state == sushy.TaskState.PENDING
    assert "2.12.0" in task.messages[0].message
    assert versions(updates) == {"BMC": "2.10.0", "BIOS": "1.8.2"}
    assert monitor.check_is_processing
    wire.do(lambda: wire.fake.reset_bmc("GracefulRestart"))
    wire.wait_back()
    assert wire.do(lambda: wire.fake.firmware.version("BMC")) == "2.12.0"
    assert wire.do(lambda: wire.fake.firmware.state(wire.fake.firmware.get("1"))) == "Completed"


def versions(updates):
    return {one.identity: one.version for one in updates.firmware_inventory.get_members()}


def test_bios_update_is_applied_by_the_systems_reset(wire, sushy_root):
    updates = sushy_root.get_update_service()
    target = f"{V1}/UpdateService/FirmwareInventory/BIOS"
    monitor = updates.simple_update("https://127.80.0.9/bios-1.9.1.cap", targets=[target])
    wire.clock.ahead += 1
    system = sushy_root.get_system()
    system.reset_system(sushy.ResetType.ON)
    wire.do(lambda: None)
    assert not monitor.check_is_processing
    system.refresh()
    assert system.bios_version == "1.9.1"


def test_image_of_no_version_fails_the_task(wire, sushy_root):
    sushy_root.get_update_service().simple_update("https://127.80.0.9/README")
    wire.clock.ahead += 1
    task = sushy_root.get_task_service().tasks.get_members()[0]
    assert task.task_state == sushy.TaskState.EXCEPTION
    assert task.task_status == sushy.Health.CRITICAL


def test_second_update_waits_for_the_first(wire, sushy_root):
    updates = sushy_root.get_update_service()
    updates.simple_update("https://127.80.0.9/bmc-2.12.0.bin")
    with pytest.raises(sushy.exceptions.ServerSideError):
        updates.simple_update("https://127.80.0.9/bmc-2.13.0.bin")


def test_certificate_is_read_and_replaced(wire, sushy_root):
    service = sushy_root.get_certificate_service()
    old = service.certificate_locations.get_members()[0]
    leaf = wire.office.leaf()
    bundle = (leaf.certificate + leaf.key).decode()
    service.replace_certificate(old.path, bundle, sushy.CertificateType.PEM)
    new = sushy_root.get_certificate_service().certificate_locations.get_members()[0]
    assert new.fingerprint.replace(":", "").lower() == leaf.sha256 != old.fingerprint
    assert "PRIVATE KEY" not in new.certificate_string
    wire.restart()
    wire.login(trust=type(wire.trust)(cert_sha256=leaf.sha256)).facts()


def test_certificate_with_another_key_is_refused(wire, sushy_root):
    service = sushy_root.get_certificate_service()
    old = service.certificate_locations.get_members()[0]
    bundle = (wire.office.leaf().certificate + wire.office.leaf().key).decode()
    with pytest.raises(sushy.exceptions.BadRequestError):
        service.replace_certificate(old.path, bundle, sushy.CertificateType.PEM)
    wire.login()


def test_sensors_follow_the_machine(wire, sushy_root, raw):
    power = f"{V1}/Chassis/1/Sensors/TotalPower"
    off = raw.get(power).json()["Reading"]
    wire.metal.on = True
    assert raw.get(power).json()["Reading"] > off
    thermal = sushy_root.get_chassis().thermal
    assert all(one.reading_celsius > 0 for one in thermal.temperatures)


def test_basic_auth_counts_towards_the_lock_out(wire, raw):
    good = {"Authorization": "Basic " + base64.b64encode(b"admin:left-the-factory-1").decode()}
    bad = {"Authorization": "Basic " + base64.b64encode(b"admin:wrong").decode()}
    path = f"{V1}/Systems/1"
    assert raw.call("GET", path, headers=good, login=False).status_code == 200
    for _ in range(5):
        assert raw.call("GET", path, headers=bad, login=False).status_code == 401
    locked = raw.call("GET", path, headers=good, login=False)
    assert locked.status_code == 401 and "locked" in locked.text
    account = raw.get(f"{V1}/AccountService/Accounts/1").json()
    assert account["Locked"] is True and account["Password"] is None
    unlock = raw.call("PATCH", f"{V1}/AccountService/Accounts/1", json={"Locked": False})
    assert unlock.status_code == 204
    assert raw.call("GET", path, headers=good, login=False).status_code == 200


def test_without_login_only_the_root_answers(raw):
    for path, status in (("/redfish", 200), (V1, 200), (f"{V1}/", 200), (f"{V1}/Systems", 401)):
        assert raw.call("GET", path, login=False).status_code == status


def test_etag_guards_a_patch(raw):
    path = f"{V1}/Systems/1"
    tag = raw.get(path).headers["ETag"]
    body = {"AssetTag": "one"}
    assert raw.call("PATCH", path, json=body, headers={"If-Match": tag}).status_code == 204
    assert raw.call("PATCH", path, json=body, headers={"If-Match": tag}).status_code == 412


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", f"{V1}/Nothing", None, 404),
        ("GET", f"{V1}/Chassis/1/Sensors/Nope", None, 404),
        ("GET", f"{V1}/Managers/1/VirtualMedia/Floppy", None, 404),
        ("GET", f"{V1}/AccountService/Accounts/9", None, 404),
        ("DELETE", f"{V1}/Systems/1", None, 405),
        ("PATCH", f"{V1}/Systems/1", {"UUID": "0"}, 400),
        ("PATCH", f"{V1}/Systems/1", {"AssetTag": 7}, 400),
        ("PATCH", f"{V1}/Systems/1", {"Boot": {"BootSourceOverrideTarget": "Tape"}}, 400),
        ("PATCH", f"{V1}/Systems/1/Bios/Settings", {"Attributes": {"BootMode": 1}}, 400),
        ("POST", f"{V1}/Systems/1/Actions/ComputerSystem.Reset", {"ResetType": "Kick"}, 400),
        ("POST", f"{V1}/Systems/1/Actions/ComputerSystem.Reset", {}, 400),
        ("POST", f"{V1}/Managers/1/Actions/Manager.Reset", {"ResetType": "On"}, 400),
        ("POST", f"{V1}/UpdateService/Actions/UpdateService.SimpleUpdate", {"Targets": []}, 400),
        ("PATCH", f"{V1}/AccountService/Accounts/1", {"Locked": True}, 400),
    ],
)
def test_what_is_wrong_is_refused_in_redfish_words(raw, method, path, body, status):
    reply = raw.call(method, path, json=body)
    assert reply.status_code == status
    detail = reply.json()["error"]["@Message.ExtendedInfo"][0]
    assert detail["MessageId"].startswith("Base.1.18.") and detail["Message"]


@pytest.mark.parametrize("data", ["{", "[1]"])
def test_body_that_is_no_object_is_refused(raw, data):
    reply = raw.call("PATCH", f"{V1}/Systems/1", data=data)
    assert reply.status_code == 400


def test_failed_power_change_is_told(wire, raw):
    from bloomery.errors import LabError

    async def broken(_boot):
        raise LabError("no boot device")

    wire.metal.power_on = broken
    bmc = wire.login()
    wire.power(bmc, "On")
    status = raw.get(f"{V1}/Systems/1").json()["Status"]
    assert status["Health"] == "Critical"
    assert status["Conditions"][0]["Message"] == "no boot device"


def test_many_bmcs_in_one_process(loop, office):
    import asyncio

    from bloomery.drivers.redfish.client import Dialer
    from bloomery.drivers.redfish.fake import FakeBmc
    from bloomery.drivers.redfish.protocol import Trust
    from bloomery.lab.redfish.server import serve

    class Off:
        async def power_on(self, boot): ...
        async def power_off(self, *, graceful): ...
        def is_on(self):
            return False

        def boot_progress(self):
            return "None"

        def on_change(self, callback): ...

    def fake(at):
        mac = f"02:80:00:00:01:{at:02x}"
        return FakeBmc(f"S{at}", f"00000000-0000-0000-0000-{at:012d}", mac, "m", Off(), {"a": "b"})

    async def start():
        hosts = [(at, f"127.80.1.{at}") for at in range(1, 17)]
        return [await serve(fake(at), h, 0, office.leaf(f"S{at}", h)) for at, h in hosts]

    sites = asyncio.run_coroutine_threadsafe(start(), loop).result(20)
    try:
        for at, site in enumerate(sites, 1):
            bmc = Dialer()(site.address, Trust("", str(office.ca), f"S{at}"), "a", "b")
            assert bmc.facts().serials["the chassis"] == f"S{at}"
            bmc.close()
    finally:
        for site in sites:
            asyncio.run_coroutine_threadsafe(site.close(), loop).result(10)


@pytest.mark.parametrize(
    ("noun", "verb", "ask"),
    [
        ("bios", "stage", lambda bmc: bmc.set_bios({"SecureBoot": "Enabled"})),
        ("media", "insert", lambda bmc: bmc.insert_media("Cd", "https://127.80.0.9/x.iso")),
        ("media", "eject", lambda bmc: bmc.eject_media("Seed")),
        ("power", "set_override", lambda bmc: bmc.boot_once("Cd")),
        ("power", "set_asset_tag", lambda bmc: bmc.set_asset_tag("bloomery/kyiv/g1")),
    ],
)
def test_bmc_that_accepts_and_forgets_is_found(wire, monkeypatch, noun, verb, ask):
    bmc = wire.login()
    bmc.insert_media("Seed", "https://127.80.0.9/seed")
    monkeypatch.setattr(getattr(wire.fake, noun), verb, lambda *_args: None)
    with pytest.raises(DeviceError, match=r"accepted,? but"):
        ask(bmc)


@pytest.mark.parametrize("ask", ["facts", "login"])
def test_dropped_connection_is_not_tried_again(wire, ask):
    bmc = wire.login()
    wire.do(lambda: wire.fake.reset_bmc("ForceRestart"))
    before = len(wire.fake.calls)
    with pytest.raises(Unreachable):
        bmc.facts() if ask == "facts" else wire.login()
    assert [call[2] for call in list(wire.fake.calls)[before:]] == [0]


def test_slots_that_fitted_are_looked_at_alone_until_one_is_gone(wire):
    bmc = wire.login()
    bmc.facts()
    assert _media_reads(wire, bmc) == ["Cd", "Seed"]
    wire.do(lambda: wire.fake.faults.apply("parent-first", path="VirtualMedia"))
    assert _media_reads(wire, bmc) == ["Cd", "VirtualMedia", "Cd", "Seed"]


def _media_reads(wire, bmc) -> list[str]:
    """What one reading of all facts asks of virtual media."""
    wire.fake.calls.clear()
    assert bmc.facts().quality("media") == "good"
    paths = [path for _, path, _ in wire.fake.calls]
    return [path.rpartition("/")[2] for path in paths if "VirtualMedia" in path]
