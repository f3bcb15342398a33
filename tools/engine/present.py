"""What is already here: on PATH, or complete in the cache."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from engine.recipe import CLI, EXEC, HOST, PARTS, VERSION, Engine, executable, fits, key, parse

MANIFEST = "engine.json"
"""Written last into a finished folder: without it, or where it does not match, the
folder counts as unfinished."""

ANSWER_TIMEOUT_S = 30
"""``pulumi version`` answers in a fraction of a second; a cold disk may need some."""


def ask_version(cli: Path, env: Mapping[str, str]) -> str:
    """What ``pulumi version`` prints, without the ``v``; empty when it does not work."""
    try:
        answer = subprocess.run(
            [str(cli), "version"],
            env={**env, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ANSWER_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    lines = answer.stdout.split()
    return lines[0].removeprefix("v") if lines and parse(lines[0]) else ""


def _candidates(name: str, env: Mapping[str, str], without: Path) -> list[Path]:
    """Every ``name`` on PATH, links followed, except those of the folder ``without``."""
    found: list[Path] = []
    for folder in env.get("PATH", os.defpath).split(os.pathsep):
        path = Path(folder or ".") / name
        if executable(path) and path.parent.resolve() != without.resolve():
            found.append(path.resolve())
    return found


def on_path(env: Mapping[str, str], without: Path) -> tuple[Engine | None, list[str]]:
    """The first fitting engine on PATH, and why each other one was passed over.

    ``without`` is the folder our own links live in. The CLI of a release brings the
    language host beside it; one that has it neither there nor on PATH cannot run a
    Python project.
    """
    refused: list[str] = []
    for cli in _candidates(CLI, env, without):
        version = ask_version(cli, env)
        hosts = [cli.parent / HOST, *_candidates(HOST, env, without)]
        host = next((h for h in hosts if executable(h) and executable(h.parent / EXEC)), None)
        if not version:
            refused.append(f"{cli} does not report its version")
        elif not fits(version):
            refused.append(f"{cli} is {version}, wanted {VERSION} or newer")
        elif host is None:
            refused.append(f"{cli} {version} has no Python language host with it")
        else:
            parts = {CLI: cli, HOST: host, EXEC: host.parent / EXEC}
            return Engine(cli.parent, parts, version, f"on PATH at {cli}"), refused
    return None, refused


def file_hash(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal(folder: Path, source: str) -> None:
    """Write the manifest of a finished folder."""
    files = {name: file_hash(folder / name) for name in PARTS}
    text = json.dumps({"version": VERSION, "source": source, "files": files}, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="ascii")


def in_cache(cache: Path, source: str) -> Engine | None:
    """The engine of ``source`` in the cache, if it is complete and unaltered."""
    folder = cache / key(source)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="ascii"))
        whole = all(
            executable(folder / name) and file_hash(folder / name) == manifest["files"][name]
            for name in PARTS
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not whole:
        return None
    return Engine(folder, {name: folder / name for name in PARTS}, VERSION, f"cache {folder}")
