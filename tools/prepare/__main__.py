"""Runs the steps of set-up in order. Started by ``tools/setup``."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from engine.link import link
from engine.provide import provide
from prepare import python, survey, system
from progress import CommandError, Progress

ROOT = Path(__file__).resolve().parents[2]
LOCK = "requirements-dev.txt"
"""The lock with the tests: one environment serves use and development."""


def _packages(wanting: list[system.Wish], count: int, env: Mapping[str, str], say: Progress) -> str:
    if not wanting:
        return f"{count} present"
    say.line(f"[1/4] Debian packages    {len(wanting)} to install")
    system.install(wanting, env, say)
    return f"{len(wanting)} installed"


def _environment(venv: Path, env: Mapping[str, str], say: Progress) -> str:
    lock = ROOT / LOCK
    packages = python.site_packages(venv)
    if packages is None:
        say.line("[2/4] Python packages    making .venv")
        python.make(venv, env, say)
        packages = python.site_packages(venv)
    if packages is None:
        raise OSError(f"{venv} was created, but its Python does not run")
    absent = python.lacking(lock, packages)
    if not absent:
        return f"{len(python.pins(lock))} present, as locked"
    say.line(f"[2/4] Python packages    {len(absent)} to install, each checked by hash")
    python.fill(venv, lock, env, say)
    absent = python.lacking(lock, packages)
    if absent:
        raise OSError(f"installed, but still missing: {', '.join(absent)}")
    return f"{len(python.pins(lock))} installed, as locked"


def _checkout(venv: Path, env: Mapping[str, str], say: Progress) -> str:
    packages = python.site_packages(venv)
    linked = packages is not None and python.is_linked(ROOT, venv, packages)
    if not linked:
        python.link_checkout(ROOT, venv, env, say)
    python.compile_checkout(ROOT, venv, env, say)
    return "linked to this checkout" if linked else "linked to this checkout now"


def _engine(bin_folder: Path, env: Mapping[str, str], say: Progress) -> str:
    engine = provide(env, bin_folder, say)
    link(engine, bin_folder)
    return f"Pulumi {engine.version}, {engine.source}"


def _steps(env: Mapping[str, str], say: Progress) -> int:
    venv = ROOT / ".venv"
    wishes = system.read_wishes(ROOT / "tools" / "packages.txt")
    wanting = system.missing(wishes, env)
    machine = survey.Machine(system.is_debian(), system.is_root())
    refused = survey.refusal(wanting, survey.space(env, venv / "bin"), machine)
    if refused:
        for text in refused:
            say.line(text)
        return 1
    say.line(f"[1/4] Debian packages    {_packages(wanting, len(wishes), env, say)}")
    say.line(f"[2/4] Python packages    {_environment(venv, env, say)}")
    say.line(f"[3/4] bloomery           {_checkout(venv, env, say)}")
    say.line(f"[4/4] engine             {_engine(venv / 'bin', env, say)}")
    return 0


def main() -> int:
    """Set up; returns the exit code."""
    say = Progress()
    began = time.monotonic()
    say.line("bloomery set-up")
    try:
        code = _steps(os.environ, say)
    except (CommandError, OSError) as error:
        for text in getattr(error, "tail", ()):
            say.line(f"      | {text}")
        say.line(f"set-up stopped: {error}")
        return 1
    if code == 0:
        say.line(f"ready ({time.monotonic() - began:.1f} s)")
    return code


if __name__ == "__main__":
    sys.exit(main())
