"""The file of one measurement: numbered, named by its bytes, whole or not there."""

from __future__ import annotations

import hashlib
import json
import os

from bloomery.provider.acceptance.claim import Measured
from bloomery.provider.context import Context
from bloomery.provider.journal import utc_now

SCHEMA = 2
"""Version of the file's shape. 1 had fields for each thing measured, none for attachments."""


def write_measurement(context: Context, plan_digest: str, made: Measured) -> str:
    """Write what was measured; returns the file's name, ``0001-<digest>.json``."""
    folder = context.state.evidence / "measurements"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    body = {
        "schema": SCHEMA,
        "site": context.site,
        "time": utc_now().isoformat(timespec="milliseconds"),
        "plan_digest": plan_digest,
        "verdicts": [verdict.as_dict() for verdict in made.verdicts],
        "attachments": [table.as_dict() for table in made.attachments],
    }
    text = json.dumps(body, indent=1, sort_keys=True) + "\n"
    taken = [int(path.name.partition("-")[0]) for path in folder.glob("[0-9]*-*.json")]
    sequence = 1 + max(taken, default=0)
    name = f"{sequence:04d}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.json"
    draft = folder / f".{name}"
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / name)
    return name
