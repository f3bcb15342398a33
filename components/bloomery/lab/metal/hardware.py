"""What one machine with firmware is made of, and QEMU's command line for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bloomery.lab.layout import MachineDir
from bloomery.lab.metal.uefi import Uefi
from bloomery.lab.net import port_name
from bloomery.lab.spec import MachineSpec

PROGRAM = "qemu-system-x86_64"

MEMORY_MIB = 512
"""The installer with the medium's page cache fits; the host image needs 200 MiB."""

DISK_GIB = 4
"""Size of the disk; the file holds what was written only."""

CODE_MIB = 128
"""Memory for translated code; more gains nothing, and the default is half of this machine's."""

PROCESSOR = "qemu64,svm=off,rdrand=on"
"""The plainest: a kernel loads and tests a cipher for every instruction set it finds, which
took minutes of a boot. RDRAND, or the first login waits for random numbers."""

RECONNECT_SECONDS = 120
"""How long a read of a CD waits for a daemon that is being started again."""

CD_FIRST, DISK_SECOND = 1, 10
"""Boot indexes: the CD comes first where the BMC says so, for this power-on only."""


@dataclass(frozen=True)
class Hardware:
    """One machine."""

    name: str
    model: str
    chassis_serial: str
    system_uuid: str
    host_mac: str
    port: str
    """Tap device its network card hangs on."""
    disk: Path
    """Directory of the disks, the firmware's variables and the TPM's state."""
    run: Path
    """Directory of the sockets."""
    console: Path
    """File the serial console is appended to."""
    disks: int = 1
    """How many disks it has."""
    has_tpm: bool = False

    @property
    def drives(self) -> tuple[Path, ...]:
        """Its disks, the first one first."""
        return tuple(self.disk / f"nvme{number}.qcow2" for number in range(self.disks))

    def variables(self, uefi: Uefi) -> Path:
        """The variables it keeps for this firmware."""
        return self.disk / uefi.store

    @property
    def tpm_state(self) -> Path:
        """Directory of what its TPM keeps."""
        return self.disk / "tpm"

    @property
    def tpm(self) -> Path:
        """Socket of its TPM."""
        return self.run / "tpm"

    @property
    def monitor(self) -> Path:
        """Socket of QEMU's monitor (QMP)."""
        return self.run / "qmp"

    @property
    def discs(self) -> Path:
        """Socket the virtual CDs are read from."""
        return self.run / "nbd"


def hardware_of(machine: MachineSpec, lab: str, place: MachineDir) -> Hardware:
    """The hardware of a machine of the lab ``lab``."""
    return Hardware(
        name=machine.name,
        model=machine.model,
        chassis_serial=machine.chassis_serial,
        system_uuid=machine.system_uuid,
        host_mac=machine.host_mac,
        port=port_name(lab, machine.name),
        disk=place.disk,
        run=place.run,
        console=place.console,
        disks=machine.disks,
        has_tpm=machine.tpm,
    )


def command(machine: Hardware, uefi: Uefi, discs: Sequence[str]) -> list[str]:
    """QEMU's command line (qemu(1)). ``discs`` are exports of the NBD socket; the first boots.

    To be run in the directory ``run``: its sockets are named from there, as their whole paths may
    be longer than a socket's can be.

    No secret is in it: addresses of media stay with the daemon. TCG alone: where ``/dev/kvm``
    opens but cannot run firmware, QEMU aborts instead of falling back.
    """
    return [
        PROGRAM,
        *("-name", machine.name, "-nodefaults", "-no-user-config", "-display", "none"),
        *("-machine", f"q35,hpet=off,vmport=off,smm={'on' if uefi.smm else 'off'}"),
        *("-accel", f"tcg,thread=multi,tb-size={CODE_MIB}"),
        *("-cpu", PROCESSOR, "-smp", "1", "-m", str(MEMORY_MIB)),
        *_firmware(machine, uefi),
        *_board(machine),
        *_tpm(machine),
        *_network(machine),
        *_disks(machine),
        *_drives(machine, discs),
    ]


def _firmware(machine: Hardware, uefi: Uefi) -> list[str]:
    """Flash of the firmware and of its variables; with SMM no other code may write these."""
    code = f"if=pflash,format=raw,readonly=on,file={uefi.code}"
    variables = f"if=pflash,format=raw,file={machine.variables(uefi)}"
    alone = ["driver=cfi.pflash01,property=secure,value=on", "ICH9-LPC.disable_s3=1"]
    globals_ = [word for one in alone if uefi.smm for word in ("-global", one)]
    return ["-drive", code, "-drive", variables, *globals_]


def _tpm(machine: Hardware) -> list[str]:
    if not machine.has_tpm:
        return []
    return [
        *("-chardev", f"socket,id=tpm,path={machine.tpm.name}"),
        *("-tpmdev", "emulator,id=tpm0,chardev=tpm", "-device", "tpm-crb,tpmdev=tpm0"),
    ]


def _board(machine: Hardware) -> list[str]:
    serial, name = machine.chassis_serial, machine.name
    return [
        *("-chardev", f"file,id=console,path={machine.console},append=on"),
        *("-serial", "chardev:console", "-device", "virtio-rng-pci"),
        *("-qmp", f"unix:{machine.monitor.name},server=on,wait=off"),
        *("-smbios", f"type=1,serial={serial},uuid={machine.system_uuid},product={machine.model}"),
        *("-smbios", f"type=3,serial={serial},asset={name}"),
    ]


def _network(machine: Hardware) -> list[str]:
    """Without an option ROM: the firmware would try PXE for minutes."""
    return [
        *("-netdev", f"tap,id=net0,ifname={machine.port},script=no,downscript=no"),
        *("-device", f"virtio-net-pci,netdev=net0,mac={machine.host_mac},romfile="),
    ]


def _disks(machine: Hardware) -> list[str]:
    """Not flushed to this machine's disk: what a killed QEMU wrote is in the page cache.

    The firmware tries them in their order: where the first has gone, it starts the second.
    """
    words = []
    for number, drive in enumerate(machine.drives):
        name = f"disk{number}"
        serial = f"{number}-{machine.chassis_serial}" if number else machine.chassis_serial
        file = f"file.driver=file,file.filename={drive},cache.direct=off,cache.no-flush=on"
        words += ["-blockdev", f"driver=qcow2,node-name={name},discard=unmap,{file}"]
        index = DISK_SECOND + number
        words += ["-device", f"nvme,drive={name},serial={serial},bootindex={index}"]
    return words


def _drives(machine: Hardware, discs: Sequence[str]) -> list[str]:
    words = ["-device", "virtio-scsi-pci,id=scsi0"]
    for number, disc in enumerate(discs):
        server = f"server.type=unix,server.path={machine.discs.name},export={disc}"
        node = f"driver=nbd,node-name={disc},read-only=on,reconnect-delay={RECONNECT_SECONDS}"
        first = f",bootindex={CD_FIRST}" if number == 0 else ""
        device = f"scsi-cd,bus=scsi0.0,id={disc}-drive,drive={disc}{first}"
        words += ["-blockdev", f"{node},{server}", "-device", device]
    return words
