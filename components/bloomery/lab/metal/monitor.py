"""QEMU's monitor (QMP): the power button and what the machine tells of itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from qemu.qmp import EventListener, QMPClient, QMPError

from bloomery.errors import LabError
from bloomery.lab.sockets import short_path

CONNECT_SECONDS = 30.0
"""How long QEMU may take to open its monitor; 0.3 s on a machine of its own."""

LOOK_SECONDS = 0.1
"""How often that is tried."""

HEARD = ("RESET", "SHUTDOWN", "POWERDOWN")
"""Events that are handed on (QEMU QMP reference, "Run State")."""


class Monitor:
    """The connection to one QEMU; it takes one at a time, a new daemon connects anew."""

    def __init__(self, name: str, heard: Callable[[str, bool], None]) -> None:
        """``heard`` is called with an event's name and whether the guest began it."""
        self._client = QMPClient(name)
        self._heard = heard
        self._events = EventListener(names=HEARD)
        self._listening: asyncio.Task[None] | None = None

    async def connect(self, path: Path) -> None:
        """Connect as soon as QEMU listens at ``path``. LabError when it does not."""
        for _ in range(int(CONNECT_SECONDS / LOOK_SECONDS)):
            try:
                with short_path(path) as short:
                    await self._client.connect(short)
            except (QMPError, OSError):
                await asyncio.sleep(LOOK_SECONDS)
                continue
            self._client.register_listener(self._events)
            self._listening = asyncio.create_task(self._listen(), name="monitor")
            return
        raise LabError("QEMU does not answer on its monitor")

    async def press_power(self) -> None:
        """Press the power button (ACPI). LabError when QEMU cannot be asked."""
        try:
            await self._client.execute("system_powerdown")
        except QMPError as error:
            raise LabError(f"QEMU refused the power button: {error}") from error

    async def close(self) -> None:
        """Hang up; QEMU runs on."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        try:
            await self._client.disconnect()
        except (QMPError, OSError, EOFError):
            return  # it went first

    async def _listen(self) -> None:
        async for event in self._events:
            data = event.get("data")
            guest = bool(data.get("guest")) if isinstance(data, dict) else False
            self._heard(str(event["event"]), guest)
