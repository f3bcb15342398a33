"""One way to write JSON, so that the same facts are the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path


def canonical(value: object) -> bytes:
    """Sorted keys, no spaces, UTF-8, one newline at the end."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"


def sha256(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def write_durably(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``: whole or not at all, also through a power cut."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
