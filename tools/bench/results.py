"""The JSON file of one bench: figures of every round, and the machine they are from."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.row import Row

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "bench-results"
"""Not in git: figures belong to the machine they were measured on."""


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0))


def _commit() -> str:
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,  # a wheel or an archive has no history; the file then says so
    )
    return asked.stdout.strip() or "unknown"


def machine() -> dict[str, object]:
    """What the figures depend on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": cores(),
        "memory_gb": round(memory / 1e9, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_1min": round(os.getloadavg()[0], 2),
    }


def write(name: str, meaning: str, rows: Sequence[Row], *, quick: bool, folder: Path) -> Path:
    """Write ``folder/NAME.json`` and return its path."""
    body = {
        "bench": name,
        "compares": meaning,
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "quick": quick,
        "machine": machine(),
        "rows": [row.as_dict() for row in rows],
    }
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
