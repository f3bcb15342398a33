"""UpdateService, TaskService and CertificateService."""

from __future__ import annotations

import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from bloomery.drivers.redfish.fake import FakeBmc, Refusal
from bloomery.drivers.redfish.fake.certificates import fingerprint
from bloomery.drivers.redfish.fake.jobs import PREFIX
from bloomery.drivers.redfish.fake.state import TaskState
from bloomery.drivers.redfish.fake.tasks import DONE as DONE_STATES
from bloomery.lab.redfish.jobs import TASKS, job
from bloomery.lab.redfish.places import places
from bloomery.lab.redfish.reply import DONE, ROOT, Call, Json, Reply, link, resource, text

INVENTORY = "/UpdateService/FirmwareInventory"
MONITORS = "/TaskService/TaskMonitors"


def update_service(_fake: FakeBmc) -> Json:
    """The UpdateService."""
    return resource(
        "/UpdateService",
        "UpdateService.v1_14_0.UpdateService",
        "Update service",
        ServiceEnabled=True,
        FirmwareInventory=link(INVENTORY),
        Actions={
            "#UpdateService.SimpleUpdate": {
                "target": f"{ROOT}/UpdateService/Actions/UpdateService.SimpleUpdate",
                "TransferProtocol@Redfish.AllowableValues": ["HTTP", "HTTPS"],
            }
        },
    )


def firmware(fake: FakeBmc, target: str) -> Json:
    """One member of the firmware inventory. Raises Refusal (404)."""
    return resource(
        f"{INVENTORY}/{target}",
        "SoftwareInventory.v1_10_2.SoftwareInventory",
        f"{target} firmware",
        SoftwareId=target,
        Version=fake.firmware.version(target),
        Updateable=True,
        Status={"State": "Enabled", "Health": "OK"},
    )


def simple_update(call: Call) -> Reply:
    """``UpdateService.SimpleUpdate``.

    Answers 202 without a body: where one is sent, sushy 5.14 polls the task's own
    address instead of the task monitor's.
    """
    targets = call.body.get("Targets", [f"{ROOT}{INVENTORY}/BMC"])
    if not isinstance(targets, list) or len(targets) != 1:
        raise Refusal(400, "PropertyValueTypeError", "Give one target.", related="/Targets")
    target = str(targets[0]).rpartition("/")[2]
    started = call.fake.firmware.update(text(call.body, "ImageURI"), target)
    return Reply(202, None, {"Location": f"{ROOT}{MONITORS}/{started.id}", "Retry-After": "1"})


def task_service(_fake: FakeBmc) -> Json:
    """The TaskService."""
    return resource(
        "/TaskService",
        "TaskService.v1_2_1.TaskService",
        "Task service",
        ServiceEnabled=True,
        CompletedTaskOverWritePolicy="Oldest",
        LifeCycleEventOnTaskStateChange=False,
        Tasks=link(TASKS),
    )


def task_ids(fake: FakeBmc) -> list[str]:
    """Tasks, oldest first: firmware updates, then what else was accepted."""
    return [*(one.id for one in fake.firmware.all()), *fake.jobs.ids()]


def task(fake: FakeBmc, id_: str) -> Json:
    """One task. Raises Refusal (404)."""
    if id_.startswith(PREFIX):
        return job(fake, id_)
    one = fake.firmware.get(id_)
    state = fake.firmware.state(one)
    body = resource(
        f"{TASKS}/{id_}",
        "Task.v1_7_4.Task",
        f"Update of {one.target} firmware",
        TaskState=state,
        TaskStatus="Critical" if state == "Exception" else "OK",
        PercentComplete=fake.firmware.percent(one),
        StartTime=_time(one.started),
        TaskMonitor=f"{ROOT}{MONITORS}/{id_}",
        Messages=_messages(one, state),
    )
    if one.applied:
        body["EndTime"] = _time(one.applied)
    return body


def _messages(one: TaskState, state: str) -> list[Json]:
    text_ = {
        "Exception": one.failure,
        "Pending": f"Version {one.version} is staged and waits for a reset.",
    }.get(state)
    if text_ is None:
        return []
    severity = "Critical" if state == "Exception" else "OK"
    return [{"Message": text_, "MessageId": "Base.1.18.GeneralError", "Severity": severity}]


def task_monitor(call: Call) -> Reply:
    """202 while the task goes on, 200 with the task when it is over."""
    id_ = call.args[0]
    body = task(call.fake, id_)
    if body["TaskState"] in DONE_STATES:
        return Reply(200, body)
    headers = {"Location": f"{ROOT}{MONITORS}/{id_}", "Retry-After": "1"}
    return Reply(202, body, headers)


def certificate_service(_fake: FakeBmc) -> Json:
    """The CertificateService."""
    action = "#CertificateService.ReplaceCertificate"
    path = f"{ROOT}/CertificateService/Actions/CertificateService.ReplaceCertificate"
    return resource(
        "/CertificateService",
        "CertificateService.v1_1_0.CertificateService",
        "Certificate service",
        CertificateLocations=link("/CertificateService/CertificateLocations"),
        Actions={action: {"target": path}},
    )


def certificate_locations(fake: FakeBmc) -> Json:
    """Where the certificate stands."""
    at = link(places(fake.personality).certificate)
    return resource(
        "/CertificateService/CertificateLocations",
        "CertificateLocations.v1_0_4.CertificateLocations",
        "Certificates",
        Links={"Certificates": [at], "Certificates@odata.count": 1},
    )


def certificate(fake: FakeBmc) -> Json:
    """The HTTPS certificate, without its key."""
    shown = fake.certificates.shown()
    return resource(
        places(fake.personality).certificate,
        "Certificate.v1_8_2.Certificate",
        "HTTPS certificate",
        CertificateString=shown.public_bytes(Encoding.PEM).decode(),
        CertificateType="PEM",
        CertificateUsageTypes=["Web"],
        Fingerprint=fingerprint(shown),
        FingerprintHashAlgorithm="TPM_ALG_SHA256",
        SerialNumber=f"{shown.serial_number:x}",
        Subject=_party(shown.subject),
        Issuer=_party(shown.issuer),
        ValidNotBefore=shown.not_valid_before_utc.isoformat(),
        ValidNotAfter=shown.not_valid_after_utc.isoformat(),
    )


def replace_certificate(call: Call) -> Reply:
    """``CertificateService.ReplaceCertificate``; new connections see the new one."""
    uri = call.body.get("CertificateUri")
    wanted = uri.get("@odata.id") if isinstance(uri, dict) else uri
    if wanted != ROOT + places(call.fake.personality).certificate:
        message = f"There is no certificate at {wanted}."
        raise Refusal(404, "ResourceMissingAtURI", message, related="/CertificateUri")
    call.fake.certificates.replace(text(call.body, "CertificateString"))
    return DONE


def _party(name: x509.Name) -> Json:
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return {"CommonName": str(common[0].value) if common else ""}


def _time(seconds: float) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="seconds")
