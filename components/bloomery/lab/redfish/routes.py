"""The contents page: which path is answered by which function, for each personality."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, partial

from bloomery.drivers.redfish.fake import FakeBmc, Refusal
from bloomery.drivers.redfish.fake.personality import LabPersonality
from bloomery.drivers.redfish.fake.refusal import missing
from bloomery.drivers.redfish.fake.tasks import TARGETS
from bloomery.lab.redfish import (
    baseboard,
    bios,
    chassis,
    form,
    manager,
    media_cas,
    services,
    system,
    upkeep,
)
from bloomery.lab.redfish import media as media_
from bloomery.lab.redfish.jobs import TASKS
from bloomery.lab.redfish.places import Places, places
from bloomery.lab.redfish.reply import ROOT, Call, Json, Reply, collection

OPEN = {("GET", "/redfish"), ("GET", ROOT), ("POST", ROOT + services.SESSIONS)}
"""What needs no login (DSP0266 13.2)."""

Handler = Callable[[Call], Reply]

Routes = Mapping[str, Handler]
"""Regular expression of a path below the root -> what answers."""


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


def _last(*paths: str) -> Callable[[FakeBmc], list[str]]:
    """Ids of those of the paths that are there."""
    return _fixed(*(path.rpartition("/")[2] for path in paths if path))


def _versions(_call: Call) -> Reply:
    return Reply(200, {"v1": ROOT + "/"})


_one = partial(_read, many=True)

_SERVICES: Routes = {
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
    TASKS: _list(TASKS, "Task", "Tasks", upkeep.task_ids),
    TASKS + "/([^/]+)": _one(upkeep.task),
    upkeep.MONITORS + "/([^/]+)": upkeep.task_monitor,
    "/CertificateService": _read(upkeep.certificate_service),
    "/CertificateService/CertificateLocations": _read(upkeep.certificate_locations),
}


def _system(at: Places) -> Routes:
    found = {
        "/Systems": _list(
            "/Systems", "ComputerSystem", "Systems", _last(at.board_system, at.system)
        ),
        at.system: _read(system.system),
        f"{at.system}/ResetActionInfo": _read(system.reset_info),
        at.bios: _read(bios.bios),
        f"{at.system}/(Boot)/Certificates": _one(media_cas.listed),
        f"{at.system}/(Boot)/Certificates/([^/]+)": _one(media_cas.one),
    }
    if at.system_settings:
        found[at.system_settings] = _read(system.settings)
    if at.bios_settings:
        found[at.bios_settings] = _read(bios.settings)
    return found


def _chassis(at: Places) -> Routes:
    return {
        "/Chassis": _list("/Chassis", "Chassis", "Chassis", _last(at.board_chassis, at.chassis)),
        at.chassis: _read(chassis.chassis),
        f"{at.chassis}/Sensors": _read(chassis.sensors),
        f"{at.chassis}/Sensors/([^/]+)": _one(chassis.sensor),
        f"{at.chassis}/Thermal": _read(chassis.thermal),
        f"{at.chassis}/Power": _read(chassis.power),
    }


def _manager(at: Places) -> Routes:
    ports = f"{at.manager}/EthernetInterfaces"
    certificates = f"{at.manager}/NetworkProtocol/HTTPS/Certificates"
    return {
        "/Managers": _list("/Managers", "Manager", "Managers", _last(at.board_manager, at.manager)),
        at.manager: _read(manager.manager),
        ports: _list(ports, "EthernetInterface", "BMC ports", manager.port_ids),
        f"{ports}/([^/]+)": _one(manager.interface),
        f"{at.manager}/HostInterfaces/1": _read(manager.host_interface),
        f"{at.manager}/NetworkProtocol": _read(manager.protocols),
        certificates: _list(certificates, "Certificate", "Certificates", _fixed("1")),
        at.certificate: _read(upkeep.certificate),
        at.media: _list(at.media, "VirtualMedia", "Virtual media", media_.ids),
        f"{at.media}/([^/]+)": _one(media_.media),
        f"{at.media}/([^/]+)/InsertMediaActionInfo": _one(media_.insert_info),
        f"{at.media}/([^/]+)/Certificates": _one(media_cas.listed),
        f"{at.media}/([^/]+)/Certificates/([^/]+)": _one(media_cas.one),
    }


def _baseboard(at: Places) -> Routes:
    if not at.board_system:
        return {}
    return {
        at.board_system: _read(baseboard.system),
        f"{at.board_system}/Bios": _read(baseboard.bios),
        at.board_manager: _read(baseboard.manager),
        at.board_chassis: _read(baseboard.chassis),
    }


def _actions(at: Places) -> Routes:
    slot = f"{at.media}/(.+)/Actions/VirtualMedia"
    certificates = "/CertificateService/Actions/CertificateService.ReplaceCertificate"
    return {
        f"{at.system}/Actions/ComputerSystem.Reset": system.reset_system,
        f"{at.bios}/Actions/Bios.ResetBios": bios.reset,
        f"{at.manager}/Actions/Manager.Reset": manager.reset_manager,
        f"{at.manager}/Actions/Oem/{media_.ENABLE}": media_.enable_media,
        f"{slot}.InsertMedia": media_.insert_media,
        f"{slot}.EjectMedia": media_.eject_media,
        f"{at.media}/([^/]+)/Certificates": media_cas.add,
        f"{at.system}/(Boot)/Certificates": media_cas.add,
        "/UpdateService/Actions/UpdateService.SimpleUpdate": upkeep.simple_update,
        certificates: upkeep.replace_certificate,
        services.SESSIONS: services.open_session,
    }


def _patches(at: Places) -> Routes:
    found = {
        at.system: system.patch_system,
        at.bios_writes: bios.patch,
        services.ACCOUNTS + "/([^/]+)": services.patch_account,
        f"{at.media}/([^/]+)": media_.patch_media,
    }
    return {**found, at.system_settings: system.patch_settings} if at.system_settings else found


@cache
def _table(personality: LabPersonality) -> Mapping[str, Routes]:
    at = places(personality)
    devices = {**_system(at), **_chassis(at), **_manager(at), **_baseboard(at)}
    return {
        "GET": {**_SERVICES, **devices},
        "PATCH": _patches(at),
        "POST": _actions(at),
        "DELETE": {services.SESSIONS + "/([^/]+)": services.close_session},
    }


def _find(
    personality: LabPersonality, method: str, path: str
) -> tuple[Handler, tuple[str, ...]] | None:
    inner = path.removeprefix(ROOT)
    for pattern, handler in _table(personality).get(method, {}).items():
        found = re.fullmatch(pattern, inner)
        if found:
            return handler, found.groups()
    return None


def allowed(personality: LabPersonality, path: str) -> list[str]:
    """Methods a path takes, for the Allow header."""
    return [method for method in _table(personality) if _find(personality, method, path)]


def answer(call: Call, if_match: str = "") -> Reply:
    """Answer a call that passed the faults and the login. Raises Refusal."""
    if call.path == "/redfish":
        return _versions(call)
    personality = call.fake.personality
    found = _find(personality, call.method, call.path)
    if found is None:
        if not allowed(personality, call.path):
            raise missing(call.path)
        text = f"{call.method} is not allowed here."
        raise Refusal(405, "OperationNotAllowed", text)
    handler, args = found
    routed = Call(call.fake, call.method, call.path, args, call.body, call.skip)
    if call.method == "PATCH":
        _check_tag(routed, if_match)
    reply = handler(routed)
    if call.method == "GET" and reply.status == 200 and reply.body is not None:
        reply = _read_reply(routed, reply, reply.body)
    return form.slashed(personality, reply)


def _read_reply(call: Call, reply: Reply, whole: Mapping[str, object]) -> Reply:
    personality = call.fake.personality
    tag = form.tag(personality, whole)
    body = form.paged(personality, call.path, whole, call.skip)
    headers = {**reply.headers, "Allow": ", ".join(allowed(personality, call.path))}
    if not tag:
        return Reply(200, body, headers)
    return Reply(200, {**body, "@odata.etag": tag}, {**headers, "ETag": tag})


def _check_tag(call: Call, if_match: str) -> None:
    found = _find(call.fake.personality, "GET", call.path)
    if found is not None:
        form.check_tag(call.fake.personality, found[0](call).body or {}, if_match.strip())
