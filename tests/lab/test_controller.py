"""The controller itself has a bad day: its disk is full."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from lab_under_test import Pool, Story, write_site

Begin = Callable[[str], Story]


def test_full_disk_is_told_and_loses_nothing(story: Begin, tmp_path: Path) -> None:
    """No space for the journal: one clear error, nothing installed, and the next up succeeds."""
    write_site(tmp_path / "inventories", "full", 99, (Pool("node", 2),))
    told = story("full")
    told.lab_up()
    told.ready()
    told.state.journal.mkdir(mode=0o700, exist_ok=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k,nr_inodes=64", "tmpfs", str(told.state.journal)],
        check=True,
    )
    try:
        stuffing = told.state.journal / "stuffing"
        with stuffing.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(os.urandom(512))
            except OSError:
                pass
        done = told.up()
        assert done.returncode != 0
        assert "the controller failed: [Errno 28] No space left on device" in done.stdout, (
            done.stdout
        )
        assert "free space, then pulumi up" in done.stdout
        assert [told.installations(f"node-0{n}") for n in (1, 2)] == [0, 0]
        assert told.power("node-01") == "Off"
        stuffing.unlink()
        told.resources()  # the state is whole
        again = told.up()
        assert again.returncode == 0, again.stdout
        assert [told.installations(f"node-0{n}") for n in (1, 2)] == [1, 1]
    finally:
        subprocess.run(["umount", str(told.state.journal)], check=True)
