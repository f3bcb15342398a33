"""Everything that is missing and that set-up may not or cannot bring, found first."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.provide import present
from engine.recipe import cache
from prepare.system import Wish

ENGINE_SPACE_GB = 6
"""Free space an engine build needs: 1.4 GB of sources, 2 GB of objects, and air."""


@dataclass(frozen=True)
class Machine:
    """What set-up can do here."""

    debian: bool
    root: bool


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def space(env: Mapping[str, str], bin_folder: Path) -> list[str]:
    """Why the engine would not fit, or nothing."""
    if present(env, bin_folder):
        return []
    folder = _existing(cache(env))
    free = shutil.disk_usage(folder).free / 1e9
    if free >= ENGINE_SPACE_GB:
        return []
    return [f"{ENGINE_SPACE_GB} GB of free space at {folder} to build the engine in; "
            f"{free:.1f} GB are free"]  # fmt: skip


def refusal(wanting: Sequence[Wish], short: Sequence[str], machine: Machine) -> list[str]:
    """Lines that say what is missing and what to do; nothing when set-up can go on."""
    can_install = machine.debian and machine.root
    if not short and (can_install or not wanting):
        return []
    lines = ["Missing on this machine:"]
    lines += [f"  {wish.package:<18} {wish.reason}" for wish in wanting if not can_install]
    lines += [f"  {text}" for text in short]
    lines.append("Nothing was changed.")
    if wanting and not can_install:
        names = " ".join(wish.package for wish in wanting)
        if machine.debian:
            lines += ["As root, run this, then start again:",
                      f"  apt-get install --no-install-recommends {names}"]  # fmt: skip
        else:
            lines += ["Set-up installs packages on Debian and Ubuntu only. Install what gives",
                      "these commands, then start again:",
                      "  " + " ".join(w.commands[0] if w.commands else w.package for w in wanting),
                      ]  # fmt: skip
    return lines
