"""Links in the environment's ``bin``, so that ``pulumi`` is found beside ``python``."""

from __future__ import annotations

import os
from pathlib import Path

from engine.recipe import PARTS, Engine


def link(engine: Engine, folder: Path) -> bool:
    """Point ``folder/<part>`` at the engine. Returns whether anything changed."""
    changed = False
    for name in PARTS:
        place, target = folder / name, engine.parts[name]
        if place.is_symlink() and place.readlink() == target:
            continue
        fresh = folder / f".{name}.{os.getpid()}"
        fresh.symlink_to(target)
        os.replace(fresh, place)
        changed = True
    return changed
