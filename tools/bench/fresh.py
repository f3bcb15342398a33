"""``--fresh``: make up in a clone of its own, first with no caches, then with them.

Debian packages that are installed stay installed, so on a machine that was set up before
the cold run lacks the minute or two of apt; the record says which were there.
"""

from __future__ import annotations

import datetime
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from bench.make_up import FRESH, SITE, read_parts
from bench.results import FOLDER, ROOT
from bench.rounds import Say, timed
from bench.row import BenchError
from bloomery.statedir import StateDir

LIMIT = 3600.0
"""Seconds until a run is given up: three times its target."""


def run_fresh(say: Say) -> None:
    """Both runs; writes the record for the bench to read. BenchError when one fails."""
    if StateDir.of(SITE, os.environ).lab.exists():
        # A second lab of this name would take the addresses and names of the first.
        raise BenchError("the lab is up here; bloomery down lab first")
    home = Path(tempfile.mkdtemp(prefix="bloomery-fresh-"))
    found: dict[str, object] = {}
    try:
        for name in ("cold", "cached"):
            clone = home / name
            subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
            found[name] = _run(clone, home, say)
            say(f"{name}: {found[name]}")
            FOLDER.mkdir(exist_ok=True)
            FRESH.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(clone: Path, home: Path, say: Say) -> dict[str, object]:
    env = environment(home)
    state = StateDir.of(SITE, env)
    try:
        setup = timed(lambda: _make("setup", clone, env, say))
        _make("up", clone, env, say)
        parts = {"set-up": round(setup, 2), **read_parts(state.path / "timings.json")}
    finally:
        _make("down", clone, env, say)
        shutil.rmtree(state.path, ignore_errors=True)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return {"time": now, "parts": parts}


def environment(home: Path) -> dict[str, str]:
    """A new user's: no cache, no state, nothing of the environment this runs in.

    Settings stay: which mirror of packages a machine uses is not what is measured.
    """
    kept = ("PATH", "LANG", "TERM", "SSL_CERT_FILE")
    prefixes = ("PIP_", "GO", "HTTP", "http", "NO_PROXY", "no_proxy")
    env = {k: v for k, v in os.environ.items() if k in kept or k.startswith(prefixes)}
    env["XDG_CONFIG_HOME"] = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    ours = str(ROOT / ".venv" / "bin")
    path = [part for part in env["PATH"].split(os.pathsep) if part != ours]
    return {**env, "PATH": os.pathsep.join(path), "HOME": str(home)}


def _make(target: str, clone: Path, env: dict[str, str], say: Say) -> None:
    log = clone.parent / f"{clone.name}-{target}.log"
    with log.open("w", encoding="utf-8") as out:
        done = subprocess.run(
            ["make", target],
            cwd=clone,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            timeout=LIMIT,
            check=False,
        )
    if done.returncode:
        last = " / ".join(log.read_text(encoding="utf-8").splitlines()[-5:])
        raise BenchError(f"make {target} in {clone.name} failed: {last}")
    say(f"{clone.name}: make {target} done")
