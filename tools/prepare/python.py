"""The Python environment: made once, filled from the lock, checked by what lies in it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from progress import Progress

STAMP = "bloomery-project.sha256"
"""In the environment: hash of the pyproject.toml its entry points were made from."""


def _plain(name: str) -> str:
    """Name of a distribution as the packaging rules compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: Path) -> dict[str, str]:
    """Name to version of every line of the lock."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock.read_text("utf-8"), re.MULTILINE)
    return {_plain(name): version for name, version in found}


def site_packages(venv: Path) -> Path | None:
    """Where the environment's packages lie; None when its Python does not run."""
    code = "import sys, sysconfig; assert sys.version_info >= (3, 11); "
    code += "print(sysconfig.get_path('purelib'))"
    try:
        answer = subprocess.run(
            [str(venv / "bin" / "python"), "-I", "-c", code],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    folder = Path(answer.stdout.strip())
    return folder if folder.is_relative_to(venv) and folder.is_dir() else None


def lacking(lock: Path, packages: Path) -> list[str]:
    """Distributions of the lock that are not there in the locked version."""
    there = set()
    for info in packages.glob("*.dist-info"):
        name, _, version = info.name.removesuffix(".dist-info").partition("-")
        if (info / "RECORD").is_file():
            there.add((_plain(name), version))
    return [f"{name}=={version}" for name, version in pins(lock).items()
            if (name, version) not in there]  # fmt: skip


def _digest(project: Path) -> str:
    return hashlib.sha256(project.read_bytes()).hexdigest()


def is_linked(root: Path, venv: Path, packages: Path) -> bool:
    """Whether this checkout is the ``bloomery`` of the environment, as it stands now."""
    try:
        stamp = (venv / STAMP).read_text(encoding="ascii").strip()
        info = next(packages.glob("bloomery-*.dist-info"))
        origin = json.loads((info / "direct_url.json").read_text(encoding="utf-8"))
        origin_is_here = origin["url"] == root.as_uri() and origin["dir_info"]["editable"]
    except (OSError, StopIteration, ValueError, KeyError):
        return False
    script = venv / "bin" / "bloomery"
    return bool(origin_is_here) and script.is_file() and stamp == _digest(root / "pyproject.toml")


def make(venv: Path, env: Mapping[str, str], say: Progress) -> None:
    """Make the environment, or make it anew where its Python no longer runs."""
    command = [sys.executable, "-m", "venv", "--clear", str(venv)]
    say.run("making the environment", command, env=env)


def _pip(venv: Path) -> list[str]:
    return [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input"]


def fill(venv: Path, lock: Path, env: Mapping[str, str], say: Progress) -> None:
    """Install everything the lock names; every file is checked against its hash."""
    command = [*_pip(venv), "install", "--require-hashes", "-r", str(lock)]
    say.run("installing Python packages", command, env=env)


def link_checkout(root: Path, venv: Path, env: Mapping[str, str], say: Progress) -> None:
    """Install this checkout in place, without asking any index.

    The build backend also copies what a wheel carries beside the code (roles, policies);
    here that copy would only grow old, so it goes.
    """
    command = [*_pip(venv), "install", "--no-deps", "--no-build-isolation", "--no-index",
               "-e", str(root)]  # fmt: skip
    say.run("linking this checkout", command, env=env)
    packages = site_packages(venv)
    if packages and (packages / "bloomery").is_dir():
        shutil.rmtree(packages / "bloomery")
    (venv / STAMP).write_text(_digest(root / "pyproject.toml") + "\n", encoding="ascii")


def compile_checkout(root: Path, venv: Path, env: Mapping[str, str], say: Progress) -> None:
    """Bytecode for this checkout, as pip makes it for what it installs.

    Where PYTHONDONTWRITEBYTECODE is set, every command would otherwise compile anew what it
    imports, a fifth of the time of a short one. Files that were compiled and not changed since
    are skipped; a checkout that is not ours to write to stays as it is.
    """
    if not os.access(root / "components", os.W_OK):
        return
    command = [str(venv / "bin" / "python"), "-m", "compileall", "-q", str(root / "components")]
    say.run("compiling this checkout", command, env=env)
