"""The files of this checkout, and copies of it for tests that type commands in one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parent


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


def copy_to(target: Path) -> Path:
    """A copy to type in: the engine writes into a project, and set-up links a checkout.

    It has the environment of this run, and a set-up that only looks at it. Files keep their
    times: what was compiled from one counts for its copy too.
    """
    for path in tracked():
        copied = target / path.relative_to(REPO)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copied)
    (target / ".venv").symlink_to(REPO / ".venv")
    shutil.copy(HERE / "standin_setup.py", target / "tools" / "prepare" / "__main__.py")
    return target
