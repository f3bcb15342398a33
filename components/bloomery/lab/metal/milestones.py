"""How far a machine has come, read from its serial console as a person at the rack would."""

from __future__ import annotations

from pathlib import Path

STARTED = (b"Linux version ", b"installer: ")
"""What a kernel says first, and the installer of the medium."""

RUNNING = b"Multi-User System"
"""systemd, of the target that says that all services have been started."""


class Milestones:
    """Follows the console from one place on."""

    def __init__(self, console: Path, start: int) -> None:
        self._console = console
        self._place = start
        self._rest = b""
        self.progress = "None"
        """Redfish BootProgress.LastState."""

    def look(self) -> bool:
        """Read what is new; whether the progress has changed."""
        before = self.progress
        for line in self._lines():
            if RUNNING in line and b"Reached target" in line:
                self.progress = "OSRunning"
            elif self.progress == "None" and any(words in line for words in STARTED):
                self.progress = "OSBootStarted"
        return self.progress != before

    def reset(self) -> None:
        """The machine starts anew; what it says from now on counts."""
        self.look()
        self.progress = "None"

    def _lines(self) -> list[bytes]:
        try:
            with self._console.open("rb") as file:
                file.seek(self._place)
                data = file.read()
        except FileNotFoundError:
            return []
        self._place += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        return lines
