"""Stands in for ``tools/prepare`` in a checkout made by a test: looks and changes nothing.

Such a checkout has the environment of the real one. Set-up proper would link that environment
to whatever it finds wanting; this says the same lines where nothing is, and fails where
something is. The looking is that of set-up itself. ``tools/setup`` starts it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from engine.provide import present
from prepare import python, system
from progress import Progress

COPY = Path(__file__).resolve().parents[2]
VENV = (COPY / ".venv").resolve()
LOCK = COPY / "requirements-dev.txt"


def _wanting(wishes: tuple[system.Wish, ...]) -> list[str]:
    """What set-up proper would have to bring before the environment can be used."""
    found = [wish.package for wish in system.missing(wishes, os.environ)]
    packages = python.site_packages(VENV)
    if packages is None:
        return [*found, str(VENV)]
    found += python.lacking(LOCK, packages)
    if not python.is_linked(VENV.parent, VENV, packages):
        found.append("the link of the environment to its checkout")
    return found


def main() -> int:
    """Look; returns the exit code."""
    say = Progress()
    wishes = system.read_wishes(COPY / "tools" / "packages.txt")
    engine = present(os.environ, VENV / "bin")
    wanting = _wanting(wishes)
    if wanting or engine is None:
        say.line(f"run make setup first, this lacks: {', '.join(wanting) or 'the engine'}")
        return 1
    say.line("bloomery set-up")
    say.line(f"[1/4] Debian packages    {len(wishes)} present")
    say.line(f"[2/4] Python packages    {len(python.pins(LOCK))} present, as locked")
    say.line("[3/4] bloomery           linked to the checkout of this environment")
    say.line(f"[4/4] engine             Pulumi {engine.version}, {engine.source}")
    say.line("ready (0.0 s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
