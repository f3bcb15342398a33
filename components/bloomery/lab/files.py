"""Files written whole or not at all, so that a kill leaves the old or the new one."""

from __future__ import annotations

import json
import os
from pathlib import Path

from bloomery.errors import LabError


def write_whole(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Replace ``path`` with ``data``; the directory is made where it is missing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def write_json(path: Path, value: object) -> None:
    """Replace ``path`` with ``value`` as JSON, mode 0600."""
    write_whole(path, json.dumps(value, indent=1, sort_keys=True).encode() + b"\n")


def read_json(path: Path) -> dict[str, object] | None:
    """The object in ``path``; ``None`` where the file is missing. LabError when it is no object."""
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise LabError(f"not JSON: {error}", subject=str(path)) from error
    if not isinstance(value, dict):
        raise LabError("not a JSON object", subject=str(path))
    return value
