"""The serial console of one machine: an append-only file."""

from __future__ import annotations

import datetime
from pathlib import Path

KEEP_BYTES = 4 * 1024 * 1024
"""Console kept across power cycles: some hundred boots of a guest."""


class Console:
    """Writes the firmware's lines; the guest writes to the same file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def say(self, line: str) -> None:
        """One line of the firmware, with the time of day in UTC."""
        now = datetime.datetime.now(datetime.UTC).strftime("%H:%M:%S")
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"[firmware {now}] {line}\n")

    def trim(self) -> None:
        """Start anew when the file has grown large; called at power-on."""
        if self._path.exists() and self._path.stat().st_size > KEEP_BYTES:
            self._path.unlink()
