"""The wheel, and an environment in another directory that holds it and no checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]

_PURELIB = "import sysconfig; print(sysconfig.get_path('purelib'))"


def build(folder: Path) -> Path:
    """The wheel, built by the backend that pyproject.toml names."""
    ended = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=REPO,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    return next(folder.glob("*.whl"))


def install(wheel: Path, venv: Path) -> None:
    """Make the environment ``venv`` and put the wheel into it.

    What bloomery depends on comes from this run's environment by a path file: which files
    those are is the lock's business, here it is bloomery's own that count.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = str(venv / "bin" / "python")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet",
         "--disable-pip-version-check", "--no-index", "--no-deps", str(wheel)],
        check=True,
    )  # fmt: skip
    theirs = Path(subprocess.check_output([python, "-c", _PURELIB], text=True).strip())
    ours = subprocess.check_output([sys.executable, "-c", _PURELIB], text=True).strip()
    (theirs / "dependencies.pth").write_text(ours + "\n")
