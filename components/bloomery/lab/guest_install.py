"""Runs the installer of one guest and shows its lines on the console."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from bloomery.errors import LabError
from bloomery.lab import installer
from bloomery.lab.body import Say
from bloomery.lab.disk import Disk
from bloomery.lab.guest_run import IN_OWN_MOUNTS, mount_command
from bloomery.lab.medium import Medium, Seed


@dataclass(frozen=True)
class Site:
    """Where one installation takes place."""

    disk: Disk
    image: Path
    cgroups: list[str]
    suite: str
    address: str
    ssh_port: int
    """Port of sshd where the seed names none."""
    system_uuid: str


async def install_guest(site: Site, medium: Medium, seed: Seed, say: Say) -> None:
    """Write image and seed to the wiped disk. LabError with the installer's reason."""
    if not site.image.is_dir():
        raise LabError(f"image {medium.image} is not in the lab's store")
    worker = await asyncio.create_subprocess_exec(
        *IN_OWN_MOUNTS,
        sys.executable,
        "-I",
        "-S",
        installer.__file__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        told, failed = await worker.communicate(json.dumps(_order(site, medium, seed)).encode())
    except asyncio.CancelledError:
        worker.kill()
        await worker.wait()
        raise
    for line in told.decode(errors="replace").splitlines():
        say(line)
    if worker.returncode != 0:
        lines = failed.decode(errors="replace").strip().splitlines()
        raise LabError(f"installation failed: {lines[-1] if lines else worker.returncode}")


def _order(site: Site, medium: Medium, seed: Seed) -> dict[str, object]:
    order = installer.Order(
        cgroups=site.cgroups,
        mount=mount_command(site.disk, site.image),
        root=str(site.disk.mount_point),
        meta=dict(seed.meta),
        files={name: base64.b64encode(data).decode() for name, data in seed.files.items()},
        record=seed.record(),
        address=site.address,
        ssh_port=int(seed.meta.get("ssh_port", site.ssh_port)),
        machine_id=uuid.UUID(site.system_uuid).hex,
        depot=medium.depot,
        suite=site.suite,
        depot_key=medium.depot_key,
    )
    return asdict(order)
