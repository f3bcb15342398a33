"""Managers: the BMC itself, its address and its virtual media."""

from __future__ import annotations

import uuid

from bloomery.drivers.redfish.fake import FakeBmc
from bloomery.drivers.redfish.fake.bmc import RESET_TYPES
from bloomery.lab.redfish.reply import DONE, ROOT, Call, Json, Reply, link, only, resource, text

MANAGER = "/Managers/1"

MEDIA_TYPES = {"Cd": ["CD", "DVD"], "Seed": ["CD", "USBStick"]}
"""What each slot looks like to the machine."""


def manager(fake: FakeBmc) -> Json:
    """The Manager."""
    return resource(
        MANAGER,
        "Manager.v1_19_1.Manager",
        "BMC",
        ManagerType="BMC",
        Model="Bloomery emulated BMC",
        UUID=str(uuid.uuid5(uuid.NAMESPACE_OID, fake.identity.mac)),
        FirmwareVersion=fake.firmware.version("BMC"),
        PowerState="On",
        Status={"State": "Enabled", "Health": "OK"},
        EthernetInterfaces=link(f"{MANAGER}/EthernetInterfaces"),
        VirtualMedia=link(f"{MANAGER}/VirtualMedia"),
        NetworkProtocol=link(f"{MANAGER}/NetworkProtocol"),
        Links={
            "ManagerForServers": [link("/Systems/1")],
            "ManagerForChassis": [link("/Chassis/1")],
        },
        Actions={
            "#Manager.Reset": {
                "target": f"{ROOT}{MANAGER}/Actions/Manager.Reset",
                "ResetType@Redfish.AllowableValues": list(RESET_TYPES),
            }
        },
    )


def reset_manager(call: Call) -> Reply:
    """``Manager.Reset``; the answer still goes out."""
    call.fake.reset_bmc(text(call.body, "ResetType"))
    return DONE


def interface(fake: FakeBmc) -> Json:
    """The BMC's network port."""
    return resource(
        f"{MANAGER}/EthernetInterfaces/eth0",
        "EthernetInterface.v1_12_0.EthernetInterface",
        "BMC port",
        MACAddress=fake.identity.mac,
        PermanentMACAddress=fake.identity.mac,
        InterfaceEnabled=True,
        LinkStatus="LinkUp",
        Status={"State": "Enabled", "Health": "OK"},
    )


def protocols(_fake: FakeBmc) -> Json:
    """Which network services the BMC offers: HTTPS alone."""
    path = f"{MANAGER}/NetworkProtocol"
    https = {"ProtocolEnabled": True, "Certificates": link(f"{path}/HTTPS/Certificates")}
    return resource(
        path,
        "ManagerNetworkProtocol.v1_10_0.ManagerNetworkProtocol",
        "Network services",
        HTTPS=https,
        HTTP={"ProtocolEnabled": False},
        IPMI={"ProtocolEnabled": False},
    )


def media(fake: FakeBmc, slot: str) -> Json:
    """One virtual media slot. Raises Refusal (404)."""
    url = fake.media.url(slot)
    path = f"{MANAGER}/VirtualMedia/{slot}"
    return resource(
        path,
        "VirtualMedia.v1_6_2.VirtualMedia",
        f"Virtual media {slot}",
        MediaTypes=MEDIA_TYPES[slot],
        Image=url or None,
        ImageName=url.rpartition("/")[2] or None,
        Inserted=bool(url),
        WriteProtected=True,
        ConnectedVia="URI" if url else "NotConnected",
        VerifyCertificate=True,
        Actions={
            f"#VirtualMedia.{verb}Media": {
                "target": f"{ROOT}{path}/Actions/VirtualMedia.{verb}Media"
            }
            for verb in ("Insert", "Eject")
        },
    )


def insert_media(call: Call) -> Reply:
    """``VirtualMedia.InsertMedia``."""
    only(call.body, "Image", "Inserted", "WriteProtected", "TransferMethod", "TransferProtocolType")
    call.fake.media.insert(call.args[0], text(call.body, "Image"))
    return DONE


def eject_media(call: Call) -> Reply:
    """``VirtualMedia.EjectMedia``."""
    call.fake.media.eject(call.args[0])
    return DONE
