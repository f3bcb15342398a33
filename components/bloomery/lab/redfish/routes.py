"""The contents page: which path is answered by which function."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from bloomery.drivers.redfish.fake import FakeBmc, Refusal
from bloomery.drivers.redfish.fake.media import SLOTS
from bloomery.drivers.redfish.fake.refusal import missing
from bloomery.drivers.redfish.fake.tasks import TARGETS
from bloomery.lab.redfish import chassis, manager, services, system, upkeep
from bloomery.lab.redfish.reply import ROOT, Call, Json, Reply, collection, etag

OPEN = {("GET", "/redfish"), ("GET", ROOT), ("POST", ROOT + services.SESSIONS)}
"""What needs no login (DSP0266 13.2)."""

Handler = Callable[[Call], Reply]


def _read(document: Callable[..., Json], *, many: bool = False) -> Handler:
    """A GET of a document; ``many`` hands over the open part of the path."""

    def answer(call: Call) -> Reply:
        return Reply(200, document(call.fake, *call.args) if many else document(call.fake))

    return answer


def _list(path: str, kind: str, name: str, ids: Callable[[FakeBmc], list[str]]) -> Handler:
    def answer(call: Call) -> Reply:
        return Reply(200, collection(path, kind, name, ids(call.fake)))

    return answer


def _fixed(*ids: str) -> Callable[[FakeBmc], list[str]]:
    return lambda _fake: list(ids)


def _versions(_call: Call) -> Reply:
    return Reply(200, {"v1": ROOT + "/"})


_ACTIONS: Mapping[str, Handler] = {
    "/Systems/1/Actions/ComputerSystem.Reset": system.reset_system,
    "/Systems/1/Bios/Actions/Bios.ResetBios": system.reset_bios,
    "/Managers/1/Actions/Manager.Reset": manager.reset_manager,
    "/Managers/1/VirtualMedia/(.+)/Actions/VirtualMedia.InsertMedia": manager.insert_media,
    "/Managers/1/VirtualMedia/(.+)/Actions/VirtualMedia.EjectMedia": manager.eject_media,
    "/UpdateService/Actions/UpdateService.SimpleUpdate": upkeep.simple_update,
    "/CertificateService/Actions/CertificateService.ReplaceCertificate": upkeep.replace_certificate,
    services.SESSIONS: services.open_session,
}

_PATCHES: Mapping[str, Handler] = {
    "/Systems/1": system.patch_system,
    "/Systems/1/Bios/Settings": system.patch_bios,
    services.ACCOUNTS + "/([^/]+)": services.patch_account,
}

_DELETES: Mapping[str, Handler] = {services.SESSIONS + "/([^/]+)": services.close_session}

_one = partial(_read, many=True)

_DEVICES: Mapping[str, Handler] = {
    "/Systems": _list("/Systems", "ComputerSystem", "Systems", _fixed("1")),
    "/Systems/1": _read(system.system),
    "/Systems/1/Bios": _read(system.bios),
    "/Systems/1/Bios/Settings": _read(system.bios_settings),
    "/Chassis": _list("/Chassis", "Chassis", "Chassis", _fixed("1")),
    "/Chassis/1": _read(chassis.chassis),
    "/Chassis/1/Sensors": _read(chassis.sensors),
    "/Chassis/1/Sensors/([^/]+)": _one(chassis.sensor),
    "/Chassis/1/Thermal": _read(chassis.thermal),
    "/Chassis/1/Power": _read(chassis.power),
    "/Managers": _list("/Managers", "Manager", "Managers", _fixed("1")),
    "/Managers/1": _read(manager.manager),
    "/Managers/1/EthernetInterfaces": _list(
        "/Managers/1/EthernetInterfaces", "EthernetInterface", "BMC ports", _fixed("eth0")
    ),
    "/Managers/1/EthernetInterfaces/eth0": _read(manager.interface),
    "/Managers/1/NetworkProtocol": _read(manager.protocols),
    "/Managers/1/NetworkProtocol/HTTPS/Certificates": _list(
        "/Managers/1/NetworkProtocol/HTTPS/Certificates", "Certificate", "Certificates", _fixed("1")
    ),
    upkeep.CERTIFICATE: _read(upkeep.certificate),
    "/Managers/1/VirtualMedia": _list(
        "/Managers/1/VirtualMedia", "VirtualMedia", "Virtual media", _fixed(*SLOTS)
    ),
    "/Managers/1/VirtualMedia/([^/]+)": _one(manager.media),
}

_SERVICES: Mapping[str, Handler] = {
    "": _read(services.root),
    "/SessionService": _read(services.session_service),
    services.SESSIONS: _list(
        services.SESSIONS,
        "Session",
        "Sessions",
        lambda fake: [one.id for one in fake.sessions.all()],
    ),
    services.SESSIONS + "/([^/]+)": _one(services.session),
    "/AccountService": _read(services.account_service),
    services.ACCOUNTS: _list(services.ACCOUNTS, "ManagerAccount", "Accounts", services.account_ids),
    services.ACCOUNTS + "/([^/]+)": _one(services.account),
    "/UpdateService": _read(upkeep.update_service),
    upkeep.INVENTORY: _list(upkeep.INVENTORY, "SoftwareInventory", "Firmware", _fixed(*TARGETS)),
    upkeep.INVENTORY + "/([^/]+)": _one(upkeep.firmware),
    "/TaskService": _read(upkeep.task_service),
    upkeep.TASKS: _list(
        upkeep.TASKS, "Task", "Tasks", lambda fake: [one.id for one in fake.firmware.all()]
    ),
    upkeep.TASKS + "/([^/]+)": _one(upkeep.task),
    upkeep.MONITORS + "/([^/]+)": upkeep.task_monitor,
    "/CertificateService": _read(upkeep.certificate_service),
    "/CertificateService/CertificateLocations": _read(upkeep.certificate_locations),
}

_TABLE: Mapping[str, Mapping[str, Handler]] = {
    "GET": {**_SERVICES, **_DEVICES},
    "PATCH": _PATCHES,
    "POST": _ACTIONS,
    "DELETE": _DELETES,
}


def _find(method: str, path: str) -> tuple[Handler, tuple[str, ...]] | None:
    inner = path.removeprefix(ROOT)
    for pattern, handler in _TABLE.get(method, {}).items():
        found = re.fullmatch(pattern, inner)
        if found:
            return handler, found.groups()
    return None


def allowed(path: str) -> list[str]:
    """Methods a path takes, for the Allow header."""
    return [method for method in _TABLE if _find(method, path)]


def answer(call: Call, if_match: str = "") -> Reply:
    """Answer a call that passed the faults and the login. Raises Refusal."""
    if call.path == "/redfish":
        return _versions(call)
    found = _find(call.method, call.path)
    if found is None:
        if not allowed(call.path):
            raise missing(call.path)
        text = f"{call.method} is not allowed here."
        raise Refusal(405, "OperationNotAllowed", text)
    handler, args = found
    routed = Call(call.fake, call.method, call.path, args, call.body)
    if call.method == "PATCH" and if_match:
        _check_tag(routed, if_match)
    reply = handler(routed)
    if call.method == "GET" and reply.status == 200 and reply.body is not None:
        tag = etag(reply.body)
        body = {**reply.body, "@odata.etag": tag}
        return Reply(
            200, body, {**reply.headers, "ETag": tag, "Allow": ", ".join(allowed(call.path))}
        )
    return reply


def _check_tag(call: Call, if_match: str) -> None:
    found = _find("GET", call.path)
    if found is None or if_match.strip() == "*":
        return
    body = found[0](call).body or {}
    if if_match.removeprefix("W/") != etag(body).removeprefix("W/"):
        raise Refusal(412, "PreconditionFailed", "The resource changed since it was read.")
