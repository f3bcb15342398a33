"""The personalities of the lab: BMCs of the kinds that the catalogue's machines have.

Facts are of public trees and reports; which personality shows what is the table in docs/bmcs.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bloomery.drivers.redfish.fake.personality import (
    PLAIN_RESETS,
    STANDARD,
    Habits,
    LabPersonality,
    Layout,
    Media,
    Port,
    Slot,
    Writing,
)

ANY_MEDIUM = ("CD", "DVD", "USBStick")

FEW_RESETS = ("On", "ForceOff", "GracefulShutdown", "ForceRestart", "PowerCycle")
HARD_RESETS = tuple(one for one in FEW_RESETS if one != "GracefulShutdown")

DGX_H100 = LabPersonality(
    "dgx-h100",
    Layout(
        vendor="AMI",
        manufacturer="NVIDIA",
        bmc_model="MegaRAC",
        system="DGX",
        manager="BMC",
        chassis="DGX",
        more_ports=(Port("usb0"),),
        baseboard="HGX",
        bios_settings="SD",
        system_settings="SD",
    ),
    Writing(uuid="upper", tag="text", progress="absent"),
    Media(
        slots=(Slot("HD1", ("USBStick",)), Slot("CD1")),
        enable=True,
        answer="task",
        seconds=4.0,
        image="name",
    ),
    Habits(
        etags="strong",
        if_match=True,
        resets=FEW_RESETS,
        resets_told="action info",
        reset_task=True,
        targets=("None", "Pxe", "Floppy", "Cd", "Usb", "Hdd", "UefiHttp"),
        override_at="settings",
        apply_time="",
    ),
)

GB200 = LabPersonality(
    "gb200",
    Layout(
        vendor="NVIDIA",
        manufacturer="NVIDIA",
        bmc_model="OpenBmc",
        system="System_0",
        manager="BMC_0",
        chassis="Chassis_0",
        more_ports=(Port("hostusb0"), Port("hmcusb0"), Port("eth1", enabled=False)),
        baseboard="HGX",
        system_settings="Settings",
        page=2,
    ),
    Writing(tag="absent"),
    Media(
        slots=(Slot("USB2", ("CD", "USBStick")), Slot("USB1", ("CD", "USBStick"))),
        answer="silent",
        seconds=6.0,
        image="path",
    ),
    Habits(
        change_first="told",
        etags="strong",
        resets=FEW_RESETS,
        resets_told="action info",
        targets=("None", "Pxe", "Hdd", "Cd", "Diags", "BiosSetup", "Usb"),
        override_at="settings",
        apply_time="",
    ),
)

GB300 = LabPersonality(
    "gb300",
    GB200.layout,
    replace(GB200.writing, progress="stays"),
    replace(GB200.media, answer="task", seconds=10.0, needs=("TransferProtocolType",)),
    replace(GB200.habits, reset_task=True, task_seconds=10.0, once_kept=True),
)

IDRAC9 = LabPersonality(
    "idrac9",
    Layout(
        vendor="Dell",
        manufacturer="Dell Inc.",
        bmc_model="15G Monolithic",
        system="System.Embedded.1",
        manager="iDRAC.Embedded.1",
        chassis="System.Embedded.1",
        port="NIC.1",
    ),
    Writing(serial="sku"),
    Media(slots=(Slot("RemovableDisk", ("USBStick",)), Slot("CD"))),
    Habits(
        etags="absent",
        resets=FEW_RESETS,
        reset_conflict=True,
        targets=("None", "Pxe", "Floppy", "Cd", "Hdd", "BiosSetup", "UefiHttp"),
        apply_time="required",
        bios_task=True,
    ),
)

IDRAC10 = LabPersonality(
    "idrac10",
    replace(IDRAC9.layout, bmc_model="17G Monolithic", media_at="system", page=1),
    IDRAC9.writing,
    Media(slots=(Slot("1", ANY_MEDIUM), Slot("2", ANY_MEDIUM))),
    replace(IDRAC9.habits, change_first="refused", etags="weak"),
)

ILO6 = LabPersonality(
    "ilo6",
    Layout(
        vendor="HPE",
        manufacturer="HPE",
        bmc_model="iLO 6",
        port="1",
        more_ports=(Port("2", enabled=False), Port("3", host_interface=True)),
        lower_bios=True,
        bios_settings="settings",
        slash=True,
    ),
    Writing(uuid="upper", serial="padded", tag="padded"),
    Media(slots=(Slot("1", ("Floppy", "USBStick")), Slot("2")), empty=""),
    Habits(
        change_first="refused",
        session_limit=403,
        resets=("On", "ForceOff", "GracefulShutdown", "ForceRestart", "PushPowerButton"),
        targets=("None", "Cd", "Hdd", "Usb", "Pxe", "UefiHttp"),
    ),
)

XCC2 = LabPersonality(
    "xcc2",
    Layout(
        vendor="Lenovo",
        manufacturer="Lenovo",
        bmc_model="Lenovo XClarity Controller",
        port="NIC",
        more_ports=(Port("ToHost", enabled=False, host_interface=True),),
        media_at="system",
        bios_settings="Pending",
        system_settings="Pending",
    ),
    Writing(progress="absent"),
    Media(
        slots=tuple(
            [Slot(f"RDOC{at}", ANY_MEDIUM, "upload") for at in (1, 2)]
            + [Slot(f"Remote{at}", ANY_MEDIUM, "upload") for at in (1, 2, 3, 4)]
            + [Slot(f"EXT{at}", ANY_MEDIUM, "patch") for at in (1, 2, 3, 4)]
        ),
        keeps_cas=True,
    ),
    Habits(
        change_first="told",
        etags="strong",
        if_match=True,
        resets=FEW_RESETS,
        reset_conflict=True,
        targets=("None", "Pxe", "Cd", "Usb", "Hdd", "BiosSetup", "UefiHttp"),
    ),
)

XCC1 = LabPersonality(
    "xcc1",
    replace(XCC2.layout, media_at="manager"),
    Writing(),
    Media(
        slots=tuple(
            [Slot(f"RDOC{at}", ANY_MEDIUM, "upload") for at in (1, 2)]
            + [Slot(f"EXT{at}", ANY_MEDIUM, "patch") for at in (1, 2)]
        ),
        schemes=("http",),
    ),
    replace(XCC2.habits, change_first="no", targets=("None", "Pxe", "Cd", "Usb", "Hdd")),
)

SMC_H100 = LabPersonality(
    "smc-h100",
    Layout(
        vendor="",
        manufacturer="Supermicro",
        bmc_model="ASPEED",
        port="1",
        more_ports=(Port("ToHost", host_interface=True),),
        bios_settings="SD",
    ),
    Writing(uuid="swapped", tag="absent", progress="stays"),
    Media(
        slots=tuple(Slot(f"VirtualMedia{at}", (*ANY_MEDIUM, "Floppy")) for at in (1, 2, 3)),
        answer="task",
        seconds=8.0,
        needs=("TransferProtocolType", "TransferMethod"),
        needs_told=True,
    ),
    Habits(
        session_limit=403,
        etags="absent",
        resets=tuple(one for one in PLAIN_RESETS if one != "Nmi"),
        resets_told="action info",
        targets=("None", "Pxe", "Floppy", "Cd", "Usb", "Hdd", "BiosSetup", "UsbCd", "UefiHttp"),
        disc_target="UsbCd",
        apply_time="",
    ),
)

AMI = LabPersonality(
    "ami",
    Layout(
        vendor="AMI",
        manufacturer="GIGABYTE",
        bmc_model="MegaRAC",
        system="Self",
        manager="Self",
        chassis="Self",
        port="bond0",
        more_ports=(Port("usb0"),),
        bios_settings="",
    ),
    Writing(uuid="swapped", tag="text", progress="absent"),
    Media(
        slots=(Slot("CD1", ()), Slot("HD1", ())),
        enable=True,
        answer="task",
        seconds=4.0,
        image="name",
        empty="None",
        needs=("TransferProtocolType",),
    ),
    Habits(
        if_match=True,
        resets=HARD_RESETS,
        resets_told="action info",
        reset_task=True,
        targets=("None", "Pxe", "Floppy", "Cd", "Usb", "Hdd", "UefiHttp"),
        once_kept=True,
        apply_time="",
    ),
)

UEFI_HTTP = LabPersonality(
    "uefi-http",
    media=Media(slots=()),
    habits=Habits(
        targets=("None", "Pxe", "Hdd", "BiosSetup", "UefiHttp"),
        disc_target="UefiHttp",
        http_boot=True,
    ),
)

PERSONALITIES: Mapping[str, LabPersonality] = {
    one.name: one
    for one in (
        STANDARD,
        DGX_H100,
        GB200,
        GB300,
        IDRAC9,
        IDRAC10,
        ILO6,
        XCC1,
        XCC2,
        SMC_H100,
        AMI,
        UEFI_HTTP,
    )
}
"""Name -> personality."""
