"""A recording of a BMC as a file: whole or not at all, and never over another."""

from __future__ import annotations

import json
import os
import re
import secrets as chance
from collections.abc import Mapping, Sequence
from pathlib import Path

from bloomery import __version__
from bloomery.drivers.redfish.recorder.crawl import Crawled
from bloomery.drivers.redfish.recorder.scrub import Tree, scrub
from bloomery.errors import InputError

KEY_BYTES = 32
"""Of the key that replacements follow from: that of HMAC-SHA-256."""

SUFFIX = ".json"

TAKEN = "exists already; a recording overwrites no file"


def recording_place(out: Path) -> Path:
    """Where to write, looked at before the BMC is read for minutes. Raises InputError."""
    if out.suffix == SUFFIX and not out.is_dir():
        if out.exists():
            raise InputError(TAKEN, subject=str(out))
        if not out.parent.is_dir():
            raise InputError("no such folder", subject=str(out.parent))
        return out
    if not out.is_dir():
        hint = f"name a folder that is there, or a file that ends in {SUFFIX}"
        raise InputError("no such folder", subject=str(out), next_step=hint)
    return out


def write_recording(place: Path, crawled: Crawled, secrets: Sequence[str]) -> Path:
    """Scrub and write; returns the file. Raises DeviceError where an identity would be left."""
    tree = scrub(crawled.resources, chance.token_bytes(KEY_BYTES), secrets)
    file = place if place.suffix == SUFFIX and not place.is_dir() else place / f"{_name(tree)}.json"
    said = {
        "source": f"recorded by bloomery {__version__}, identities replaced",
        "tree": file.stem,
        "resources": tree,
    }
    text = json.dumps(said, indent=1, ensure_ascii=False) + "\n"
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        raise InputError(
            "exists already; a recording overwrites no file", subject=str(file)
        ) from None
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    return file


def _name(tree: Tree) -> str:
    """Vendor and model of the first system that tells them, as a file name."""
    for wanted in ("ComputerSystem", ""):
        for body in tree.values():
            if wanted in str(body.get("@odata.type")) and isinstance(body.get("Model"), str):
                return _plain(body) or "bmc"
    return "bmc"


def _plain(body: Mapping[str, object]) -> str:
    words = [body.get(name) for name in ("Manufacturer", "Model")]
    text = "-".join(str(one) for one in words if isinstance(one, str))
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60]
