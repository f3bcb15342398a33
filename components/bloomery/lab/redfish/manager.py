"""Managers: the BMC itself, and its ports."""

from __future__ import annotations

import hashlib
import uuid

from bloomery.drivers.redfish.fake import FakeBmc
from bloomery.drivers.redfish.fake.bmc import RESET_TYPES
from bloomery.drivers.redfish.fake.refusal import missing
from bloomery.lab.redfish.media import ENABLE, media_link
from bloomery.lab.redfish.places import places
from bloomery.lab.redfish.reply import DONE, ROOT, Call, Json, Reply, link, resource, text


def manager(fake: FakeBmc) -> Json:
    """The Manager."""
    at = places(fake.personality)
    return resource(
        at.manager,
        "Manager.v1_19_1.Manager",
        "BMC",
        ManagerType="BMC",
        Model=fake.personality.layout.bmc_model,
        UUID=str(uuid.uuid5(uuid.NAMESPACE_OID, fake.identity.mac)),
        FirmwareVersion=fake.firmware.version("BMC"),
        PowerState="On",
        Status={"State": "Enabled", "Health": "OK"},
        EthernetInterfaces=link(f"{at.manager}/EthernetInterfaces"),
        **media_link(fake, at.manager),
        NetworkProtocol=link(f"{at.manager}/NetworkProtocol"),
        Links={
            "ManagerForServers": [link(at.system)],
            "ManagerForChassis": [link(at.chassis)],
        },
        Actions=_actions(fake),
    )


def _actions(fake: FakeBmc) -> Json:
    path = f"{ROOT}{places(fake.personality).manager}/Actions"
    actions: Json = {
        "#Manager.Reset": {
            "target": f"{path}/Manager.Reset",
            "ResetType@Redfish.AllowableValues": list(RESET_TYPES),
        }
    }
    if fake.personality.media.enable:
        actions["Oem"] = {f"#{ENABLE}": {"target": f"{path}/Oem/{ENABLE}"}}
    return actions


def reset_manager(call: Call) -> Reply:
    """``Manager.Reset``; the answer still goes out."""
    call.fake.reset_bmc(text(call.body, "ResetType"))
    return DONE


def port_ids(fake: FakeBmc) -> list[str]:
    """Ports in the order they are listed."""
    layout = fake.personality.layout
    return [*(port.id for port in layout.more_ports), layout.port]


def interface(fake: FakeBmc, id_: str) -> Json:
    """A network port of the BMC. Raises Refusal (404)."""
    layout = fake.personality.layout
    path = f"{places(fake.personality).manager}/EthernetInterfaces/{id_}"
    if id_ == layout.port:
        return _port(path, "BMC port", fake.identity.mac, enabled=True)
    found = next((port for port in layout.more_ports if port.id == id_), None)
    if found is None:
        raise missing(ROOT + path)
    body = _port(path, f"Port {id_}", _other_mac(fake, id_), enabled=found.enabled)
    if found.host_interface:
        host = link(f"{places(fake.personality).manager}/HostInterfaces/1")
        body["Links"] = {"HostInterface": host}
    return body


def _port(path: str, name: str, mac: str, *, enabled: bool) -> Json:
    return resource(
        path,
        "EthernetInterface.v1_12_0.EthernetInterface",
        name,
        MACAddress=mac,
        PermanentMACAddress=mac,
        InterfaceEnabled=enabled,
        LinkStatus="LinkUp" if enabled else "NoLink",
        Status={"State": "Enabled" if enabled else "Disabled", "Health": "OK"},
    )


def _other_mac(fake: FakeBmc, id_: str) -> str:
    """A locally administered address that no delivery list has."""
    digest = hashlib.sha256(f"{fake.identity.mac}{id_}".encode()).hexdigest()
    return ":".join(["06", *(digest[at : at + 2] for at in range(0, 10, 2))]).upper()


def host_interface(fake: FakeBmc) -> Json:
    """The link between BMC and host, where a port says it is one."""
    path = f"{places(fake.personality).manager}/HostInterfaces/1"
    if not any(port.host_interface for port in fake.personality.layout.more_ports):
        raise missing(ROOT + path)
    return resource(path, "HostInterface.v1_3_2.HostInterface", "Host interface")


def protocols(fake: FakeBmc) -> Json:
    """Which network services the BMC offers: HTTPS alone."""
    path = f"{places(fake.personality).manager}/NetworkProtocol"
    https = {"ProtocolEnabled": True, "Certificates": link(f"{path}/HTTPS/Certificates")}
    return resource(
        path,
        "ManagerNetworkProtocol.v1_10_0.ManagerNetworkProtocol",
        "Network services",
        HTTPS=https,
        HTTP={"ProtocolEnabled": False},
        IPMI={"ProtocolEnabled": False},
    )
