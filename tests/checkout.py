"""The files of this checkout, and copies of it for tests that type commands in one."""

from __future__ import annotations

import subprocess
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]


def tracked(*suffixes: str) -> list[Path]:
    """Files of the repository that git knows or would add, by suffix; all without one."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=REPO,
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = (REPO / name for name in sorted(set(listed.split("\0"))) if name)
    return [p for p in paths if p.is_file() and (not suffixes or p.suffix in suffixes)]


def shown(path: Path) -> str:
    """A path as the reader knows it."""
    return str(path.relative_to(REPO)) if path.is_relative_to(REPO) else str(path)
