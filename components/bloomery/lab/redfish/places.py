"""Where the resources of one personality stand, below the service root."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from bloomery.drivers.redfish.fake.personality import LabPersonality


@dataclass(frozen=True)
class Places:
    """Paths; one that is empty is not there."""

    system: str
    system_settings: str
    bios: str
    bios_settings: str
    manager: str
    chassis: str
    media: str
    board_system: str
    """System of the GPU baseboard."""
    board_manager: str
    board_chassis: str

    @property
    def certificate(self) -> str:
        """The HTTPS certificate of the BMC."""
        return f"{self.manager}/NetworkProtocol/HTTPS/Certificates/1"

    @property
    def bios_writes(self) -> str:
        """What takes BIOS attributes."""
        return self.bios_settings or self.bios


@cache
def places(personality: LabPersonality) -> Places:
    """The paths of a personality."""
    layout = personality.layout
    system, manager = f"/Systems/{layout.system}", f"/Managers/{layout.manager}"
    bios = f"{system}/Bios".lower() if layout.lower_bios else f"{system}/Bios"
    board = layout.baseboard
    return Places(
        system=system,
        system_settings=f"{system}/{layout.system_settings}" if layout.system_settings else "",
        bios=bios,
        bios_settings=f"{bios}/{layout.bios_settings}" if layout.bios_settings else "",
        manager=manager,
        chassis=f"/Chassis/{layout.chassis}",
        media=f"{system if layout.media_at == 'system' else manager}/VirtualMedia",
        board_system=f"/Systems/{board}_Baseboard_0" if board else "",
        board_manager=f"/Managers/{board}_BMC_0" if board else "",
        board_chassis=f"/Chassis/{board}_Chassis_0" if board else "",
    )
