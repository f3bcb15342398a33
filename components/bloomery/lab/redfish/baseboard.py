"""A GPU baseboard beside the host: a system, a BMC, a chassis and a BIOS of its own.

It is listed first, and nothing of it is the machine that is to be installed.
"""

from __future__ import annotations

import uuid

from bloomery.drivers.redfish.fake import FakeBmc
from bloomery.lab.redfish.places import places
from bloomery.lab.redfish.reply import Json, link, resource


def _own_uuid(fake: FakeBmc) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"baseboard of {fake.identity.uuid}"))


def system(fake: FakeBmc) -> Json:
    """The baseboard's system: it has no power of its own, and no boot."""
    at = places(fake.personality)
    return resource(
        at.board_system,
        "ComputerSystem.v1_20_1.ComputerSystem",
        "GPU baseboard",
        SystemType="Physical",
        Manufacturer=fake.personality.layout.manufacturer,
        Model="GPU baseboard",
        SerialNumber=f"GPU{fake.identity.serial[::-1]}",
        UUID=_own_uuid(fake),
        PowerState="On",
        Status={"State": "Enabled", "Health": "OK"},
        Bios=link(f"{at.board_system}/Bios"),
        Links={"Chassis": [link(at.board_chassis)], "ManagedBy": [link(at.board_manager)]},
    )


def bios(fake: FakeBmc) -> Json:
    """Its BIOS: attributes that are not the host's."""
    return resource(
        f"{places(fake.personality).board_system}/Bios",
        "Bios.v1_2_2.Bios",
        "Settings of the GPU baseboard",
        Attributes={"GpuEccMode": "Enabled"},
    )


def manager(fake: FakeBmc) -> Json:
    """Its BMC, reached through the host's."""
    at = places(fake.personality)
    return resource(
        at.board_manager,
        "Manager.v1_19_1.Manager",
        "BMC of the GPU baseboard",
        ManagerType="BMC",
        Model="OpenBmc",
        FirmwareVersion="24.4.1",
        PowerState="On",
        Status={"State": "Enabled", "Health": "OK"},
        Links={"ManagerForServers": [link(at.board_system)]},
    )


def chassis(fake: FakeBmc) -> Json:
    """Its chassis."""
    at = places(fake.personality)
    return resource(
        at.board_chassis,
        "Chassis.v1_24_0.Chassis",
        "GPU baseboard",
        ChassisType="Module",
        Manufacturer=fake.personality.layout.manufacturer,
        SerialNumber=f"GPU{fake.identity.serial[::-1]}",
        Links={"ComputerSystems": [link(at.board_system)], "ManagedBy": [link(at.board_manager)]},
    )
