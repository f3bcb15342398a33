"""netlab and pyavd in an environment of their own, from a lock with hashes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.rounds import Say
from bench.row import BenchError
from bloomery.statedir import cache_root

LOCK = Path(__file__).with_name("requirements-rivals.txt")

DONE = "installed"
"""File that says the environment is whole; without it, it is made anew."""

LIMIT = 900
"""Seconds an installation may take: about a hundred wheels, on a slow mirror."""


def environment(say: Say) -> Path:
    """Folder of programmes of the rivals' environment, made where it is missing.

    Never the project's own: what rivals need must not change what we run with. BenchError
    with the reason where it cannot be made.
    """
    digest = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    place = cache_root(os.environ) / "bench" / f"rivals-{digest}"
    if not (place / DONE).exists():
        say(f"installing netlab and pyavd into {place}")
        shutil.rmtree(place, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(place)])
        pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        _run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK)])
        (place / DONE).touch()
    return place / "bin"


def version(programmes: Path, package: str) -> str:
    """Version of an installed package."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return _run([str(programmes / "python"), "-c", code]).strip()


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        raise BenchError(f"netlab and pyavd took more than {LIMIT} s to install") from None
    if done.returncode:
        last = " / ".join(done.stderr.strip().splitlines()[-3:])
        raise BenchError(f"netlab and pyavd cannot be installed: {last}")
    return done.stdout
