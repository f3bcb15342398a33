"""The daemon's side of the control socket: one operation a line, one answer a line."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from bloomery.errors import BloomeryError, LabError
from bloomery.lab import control
from bloomery.lab.sockets import listen
from bloomery.lab.virtual_site import VirtualSite

Answer = dict[str, object]


class ControlServer:
    """Answers requests about one virtual site."""

    def __init__(self, site: VirtualSite, stop: Callable[[], None]) -> None:
        self._site = site
        self._stop = stop
        self._operations: Mapping[str, Callable[[Answer], Awaitable[Answer]]] = {
            "status": self._status,
            "fault": self._fault,
            "clear": self._clear,
            "stop": self._end,
        }

    async def open(self, directory: Path) -> asyncio.Server:
        """Listen on the socket in ``directory``."""
        return await asyncio.start_unix_server(
            self._serve, sock=listen(directory / control.SOCKET_NAME)
        )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            line = await reader.readline()
            writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
            await writer.drain()
        writer.close()

    async def _answer(self, line: bytes) -> Answer:
        try:
            request = json.loads(line)
            operation = self._operations.get(str(request.get("op")))
            if operation is None:
                raise LabError(f"unknown operation {request.get('op')!r}")
            return await operation(request)
        except BloomeryError as error:
            return {"error": error.reason, "next": error.next_step}
        except (ValueError, AttributeError) as error:
            return {"error": f"invalid request: {error}"}

    async def _status(self, _: Answer) -> Answer:
        spec = self._site.spec
        return {"digest": spec.digest, "site": spec.site, "machines": self._site.status()}

    async def _fault(self, request: Answer) -> Answer:
        options = request.get("options")
        chosen = options if isinstance(options, dict) else {}
        texts = {str(key): str(value) for key, value in chosen.items()}
        machine = self._site.machine(str(request.get("machine")))
        await machine.fault(str(request.get("name")), texts)
        return machine.status()

    async def _clear(self, request: Answer) -> Answer:
        machine = self._site.machine(str(request.get("machine")))
        await machine.clear(str(request.get("name", "all")))
        return machine.status()

    async def _end(self, _: Answer) -> Answer:
        self._stop()
        return {"stopping": True}
