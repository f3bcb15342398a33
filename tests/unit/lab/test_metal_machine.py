"""A machine with firmware as QEMU is told of it, and what its console says of its progress."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bloomery.drivers.redfish.machine import BootOrder
from bloomery.errors import LabError
from bloomery.lab import proc
from bloomery.lab.console import Console
from bloomery.lab.faults import MachineFaults
from bloomery.lab.files import read_json, write_json
from bloomery.lab.layout import MachineDir
from bloomery.lab.medium import Medium
from bloomery.lab.metal.bootable import Bootable
from bloomery.lab.metal.chassis import Parts, QemuBoot
from bloomery.lab.metal.disc import Drive
from bloomery.lab.metal.hardware import command, hardware_of
from bloomery.lab.metal.milestones import Milestones
from bloomery.lab.metal.monitor import Monitor
from bloomery.lab.metal.parts import FILES, MEDIUM_PARTS, parts_recipe
from bloomery.lab.metal.process import Qemu
from bloomery.lab.metal.uefi import PLAIN, SECURE, Uefi, uefi_of
from bloomery.lab.net import HostNet
from bloomery.lab.powered import Chip, Powered
from bloomery.lab.spec import ImageSpec, MachineSpec

SPEC = MachineSpec(
    name="n01",
    kind="machine",
    model="lab-metal",
    bmc_address="127.152.1.1",
    bmc_port=8443,
    bmc_mac="02:52:00:00:00:01",
    chassis_serial="S152",
    system_uuid="6d0f7a10-5c1e-4b8a-9a53-520100000001",
    host_address="10.152.1.1",
    host_mac="02:00:00:00:00:01",
    ssh_port=22,
    personality="standard",
)
IMAGE = ImageSpec("image", ("systemd",), (), "suite")


def words(tmp_path: Path, *discs: str, spec: MachineSpec = SPEC, uefi: Uefi = PLAIN) -> str:
    return " ".join(command(hardware_of(spec, "bl00000", MachineDir(tmp_path)), uefi, discs))


def test_no_path_of_a_socket_can_be_too_long(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    told = words(deep, "cd")
    assert "unix:qmp,server=on" in told and "server.path=nbd,export=cd" in told
    assert str(deep / "run") not in told, "it runs in that directory"


def test_the_firmware_shows_serial_and_uuid_of_the_delivery_list(tmp_path: Path) -> None:
    told = words(tmp_path)
    assert f"type=1,serial=S152,uuid={SPEC.system_uuid},product=lab-metal" in told
    assert "mac=02:00:00:00:00:01" in told


def test_a_cd_comes_first_only_where_one_is_in(tmp_path: Path) -> None:
    with_cd = words(tmp_path, "cd", "seed")
    assert "drive=cd,bootindex=1" in with_cd
    assert with_cd.count("scsi-cd") == 2
    assert "scsi-cd" not in words(tmp_path)
    assert "bootindex=10" in words(tmp_path)


def test_a_second_disk_and_a_tpm_are_there_only_where_the_model_has_them(tmp_path: Path) -> None:
    assert words(tmp_path).count("nvme,") == 1 and "tpm-crb" not in words(tmp_path)
    both = words(tmp_path, spec=dataclasses.replace(SPEC, disks=2, tpm=True))
    assert "drive=disk0,serial=S152,bootindex=10" in both
    assert "drive=disk1,serial=1-S152,bootindex=11" in both
    assert "tpm-crb" in both


def test_the_bios_chooses_the_firmware_and_its_variables(tmp_path: Path) -> None:
    assert uefi_of({"SecureBoot": "Disabled"}) is PLAIN and uefi_of({}) is PLAIN
    secure = words(tmp_path, uefi=uefi_of({"SecureBoot": "Enabled"}))
    assert "OVMF_CODE_4M.secboot.fd" in secure and "smm=on" in secure
    assert "property=secure,value=on" in secure
    assert str(tmp_path / "disk" / SECURE.store) in secure and SECURE.store != PLAIN.store
    assert "secboot" not in words(tmp_path) and "smm=off" in words(tmp_path)


def test_progress_is_what_the_console_says_from_this_power_on(tmp_path: Path) -> None:
    console = tmp_path / "console"
    console.write_bytes(b"[0.0] Linux version 5\n[  OK  ] Reached target x - Multi-User System.\n")
    seen = Milestones(console, console.stat().st_size)
    assert not seen.look()
    assert seen.progress == "None"
    with console.open("ab") as file:
        file.write(b"BdsDxe: starting\n[    0.0] Linux ver")
        file.flush()
        assert not seen.look()
        file.write(b"sion 6.1.0 (debian)\nReached target a - Basic System.\n")
        file.flush()
        assert seen.look()
        assert seen.progress == "OSBootStarted"
        file.write(b"[  OK  ] Reached target multi-user.target - Multi-User System.\n")
    assert seen.look()
    assert seen.progress == "OSRunning"
    seen.reset()
    assert seen.progress == "None"


def test_the_recipe_changes_with_packages_and_scripts(monkeypatch, tmp_path: Path) -> None:
    before = parts_recipe(IMAGE)
    assert parts_recipe(dataclasses.replace(IMAGE, base=("systemd", "dbus"))) != before
    for script in FILES.iterdir():
        (tmp_path / script.name).write_text(script.read_text() + "\n# other")
    monkeypatch.setattr("bloomery.lab.metal.parts.FILES", tmp_path)
    assert parts_recipe(IMAGE) != before


@pytest.mark.parametrize("script", ["build.sh", "install.sh"])
def test_the_scripts_are_of_the_shells_language(script: str) -> None:
    subprocess.run(["sh", "-n", str(FILES / script)], check=True)


def test_a_medium_is_signed_and_written_anew_only_when_it_changes(tmp_path: Path) -> None:
    parts, target = tmp_path / "parts", tmp_path / "lab" / "medium.iso"
    parts.mkdir()
    for name in MEDIUM_PARTS:
        (parts / name).write_bytes(name.encode() * 1000)
    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    bootable = Bootable(parts, Medium("image", "ab12", "http://10.0.0.1", "KEY"), "suite", key)
    assert bootable.write(target)
    assert not bootable.write(target)
    digests = json.loads(bootable.manifest())["files"]
    assert digests["host.ext4.zst"] == hashlib.sha256(b"host.ext4.zst" * 1000).hexdigest()
    assert digests["depot.asc"] == hashlib.sha256(b"KEY").hexdigest()
    (parts / "host.ext4.zst").write_bytes(b"other")
    assert bootable.write(target)
    other = dataclasses.replace(bootable, key=Ed25519PrivateKey.from_private_bytes(b"l" * 32))
    assert other.write(target), "another site's key"


def chassis(tmp_path: Path) -> Powered:
    place = MachineDir(tmp_path)
    hardware = hardware_of(SPEC, "bl00000", place)

    async def never(url: str) -> bytes:
        raise AssertionError(url)

    chip = Chip(Console(place.console), place.power, place.seed, never, "recipe")
    qemu = Qemu(hardware, HostNet("bl00000", "10.152.0.1", 16, 8480))
    parts = Parts(
        hardware, Drive(SPEC.bmc_address, lambda _url: ssl.create_default_context()), qemu
    )
    return Powered(chip, QemuBoot(parts), MachineFaults())


@pytest.fixture
def idle() -> Iterator[subprocess.Popen[bytes]]:
    """A process that can be taken for a QEMU."""
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def test_a_qemu_is_adopted_by_number_and_start_time(
    tmp_path: Path, idle: subprocess.Popen[bytes]
) -> None:
    hardware = hardware_of(SPEC, "bl00000", MachineDir(tmp_path))
    qemu = Qemu(hardware, HostNet("bl00000", "10.152.0.1", 16, 8480))
    assert qemu.adopt() is None
    hardware.run.mkdir(parents=True)
    found = proc.find(idle.pid)
    assert found is not None
    record = {**proc.as_json(found), "console_from": 42}
    write_json(hardware.run / "qemu.json", {**record, "start": found.start + 1})
    assert qemu.adopt() is None, "another process with the same number"
    write_json(hardware.run / "qemu.json", record)
    assert qemu.adopt() == 42
    assert qemu.alive


async def test_a_machine_whose_qemu_has_gone_is_without_power(tmp_path: Path) -> None:
    machine = chassis(tmp_path)
    write_json(MachineDir(tmp_path).power, {"step": "on", "boot": {"source": "Hdd"}})
    await machine.resume()
    assert not machine.is_on()
    assert "power was lost while the lab was down" in MachineDir(tmp_path).console.read_text()
    assert (read_json(MachineDir(tmp_path).power) or {})["step"] == "off"


async def test_faults_that_need_a_hand_inside_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="has no fault boot-hang"):
        await chassis(tmp_path).begin("boot-hang")


async def test_the_monitor_presses_the_power_button_and_hears_the_end(tmp_path: Path) -> None:
    """QEMU without a guest: its processor is stopped, its monitor is the real one."""
    socket, heard = tmp_path / "qmp", []
    process = subprocess.Popen(
        [
            *("qemu-system-x86_64", "-S", "-display", "none", "-nodefaults", "-m", "64"),
            *("-qmp", f"unix:{socket},server=on,wait=off", "-accel", "tcg"),
        ]
    )
    try:
        monitor = Monitor("n01", lambda event, guest: heard.append((event, guest)))
        await monitor.connect(socket)
        await monitor.press_power()
        await monitor.close()
        again = Monitor("n01", lambda event, guest: heard.append((event, guest)))
        await again.connect(socket)
        await again.close()
        assert process.poll() is None, "hanging up does not end it"
        assert ("POWERDOWN", False) in heard
    finally:
        process.kill()
        process.wait()


async def test_without_a_medium_the_machine_stands_there_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = chassis(tmp_path)
    monkeypatch.setattr(Qemu, "prepare", lambda self, uefi: None)
    await machine.power_on(BootOrder("Cd"))
    await machine._work  # type: ignore[misc]
    assert machine.is_on()
    assert "halted: no medium in the drive" in MachineDir(tmp_path).console.read_text()
