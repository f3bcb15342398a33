"""Progress through the engine's log, so that it appears beside the resource."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

import grpc.aio
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


class EngineLog:
    """Writes lines to the engine. A lost engine is no error: the watch ends us."""

    def __init__(self, address: str) -> None:
        stub = engine_pb2_grpc.EngineStub(grpc.aio.insecure_channel(address))
        # The generated stub is typed for blocking channels; on this one a call is awaited.
        self._log = cast("Callable[[engine_pb2.LogRequest], Awaitable[object]]", stub.Log)

    async def info(self, urn: str, message: str) -> None:
        """One line that stays in the output of the update."""
        await self._send(urn, message, engine_pb2.INFO, ephemeral=False)

    async def status(self, urn: str, message: str) -> None:
        """One line that is shown beside the resource until the next one."""
        await self._send(urn, message, engine_pb2.INFO, ephemeral=True)

    async def warn(self, urn: str, message: str) -> None:
        """One line that is listed among the warnings of the update."""
        await self._send(urn, message, engine_pb2.WARNING, ephemeral=False)

    async def _send(
        self, urn: str, message: str, severity: engine_pb2.LogSeverity.ValueType, *, ephemeral: bool
    ) -> None:
        request = engine_pb2.LogRequest(
            severity=severity, message=message, urn=urn, ephemeral=ephemeral
        )
        try:
            await self._log(request)
        except grpc.aio.AioRpcError:
            return
