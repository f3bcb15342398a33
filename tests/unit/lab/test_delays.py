"""A ghost that takes its time, and what a power cut in the middle leaves."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bloomery.lab.delays import Delays
from bloomery.lab.ghost import Ghost
from bloomery.lab.medium import Medium, Seed

MEDIUM = Medium("image", "recipe", "", "")
SEED = Seed(
    {"site": "s", "node": "n", "generation": "1", "image": "i", "hostname": "h", "user": "u"},
    {"ssh_host_ed25519_key": b"key", "authorized_keys": b"keys"},
)


async def test_a_disk_boots_only_once_the_installation_took_its_time(tmp_path: Path) -> None:
    ghost = Ghost("127.83.9.1", 2222, tmp_path / "disk", Delays(install=0.05))
    said: list[str] = []
    work = asyncio.create_task(ghost.install(MEDIUM, SEED, said.append))
    await asyncio.sleep(0)
    assert said == ["disk: wiped"] and not ghost.bootable()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert not ghost.bootable(), "what was cut short does not boot"
    await ghost.install(MEDIUM, SEED, said.append)
    assert ghost.bootable()
