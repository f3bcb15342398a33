"""Which engine is wanted, and the folder of the cache that belongs to it."""

from __future__ import annotations

import hashlib
import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VERSION = "3.259.0"
"""Version of the CLI that is built, and the oldest that fits; the Python SDK in
requirements.txt has the same one."""

CLI = "pulumi"
HOST = "pulumi-language-python"
EXEC = "pulumi-language-python-exec"
PARTS = (CLI, HOST, EXEC)
"""The three programs a Python project needs. The last is a script the second one
looks for in its own folder."""

HERE = Path(__file__).resolve().parent

TAGS = "osusergo,grpcnotrace"
"""Build tags of the official release."""

Version = tuple[int, int, int]


@dataclass(frozen=True)
class Engine:
    """An engine that was found or made."""

    folder: Path
    """Where the three parts are, or at least the CLI."""
    parts: Mapping[str, Path]
    """Program name to file."""
    version: str
    """Version of the CLI, for example ``3.259.0``."""
    source: str
    """Where it came from, in words."""


def parse(text: str) -> Version | None:
    """``v3.259.0`` as numbers; None when it is no version."""
    found = re.search(r"v?(\d+)\.(\d+)\.(\d+)", text)
    if not found:
        return None
    major, minor, patch = (int(part) for part in found.groups())
    return major, minor, patch


def fits(text: str) -> bool:
    """Whether a CLI of this version runs our programme: same major, not older."""
    version, wanted = parse(text), parse(VERSION)
    return version is not None and wanted is not None and wanted <= version < (wanted[0] + 1, 0, 0)


def cache(env: Mapping[str, str]) -> Path:
    """Folder of all engines: the rule of ``bloomery.statedir``, which cannot be imported yet."""
    if "BLOOMERY_CACHE" in env:
        return Path(env["BLOOMERY_CACHE"]) / "engine"
    base = env.get("XDG_CACHE_HOME") or str(Path(env.get("HOME", "/root")) / ".cache")
    return Path(base) / "bloomery" / "engine"


def key(source: str) -> str:
    """Name of the folder for ``source`` (``official`` or ``modules``).

    Covers all that decides what the parts are, so a changed recipe is a new folder.
    """
    digest = hashlib.sha256(f"{source} {VERSION} {TAGS} {platform.machine()}".encode())
    if source == "modules":
        for name in ("cli/go.mod", "cli/go.sum", "host/go.mod", "host/go.sum"):
            digest.update((HERE / name).read_bytes())
    return f"{VERSION}-{digest.hexdigest()[:12]}"


def executable(path: Path) -> bool:
    """Whether ``path`` is a file that may be run."""
    return path.is_file() and os.access(path, os.X_OK)
