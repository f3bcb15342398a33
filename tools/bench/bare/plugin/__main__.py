"""The least a provider can do: every answer is what was asked, nothing is looked at."""

# ruff: noqa: N802  the names are those of the protocol

from __future__ import annotations

import asyncio
import sys

import grpc.aio
from google.protobuf import empty_pb2
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import (
    ResourceProviderServicer,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
)


class Bare(ResourceProviderServicer):
    """One resource type that is whatever its inputs say."""

    async def GetPluginInfo(
        self, request: empty_pb2.Empty, context: object
    ) -> plugin_pb2.PluginInfo:
        """Version."""
        return plugin_pb2.PluginInfo(version="0.0.1")

    async def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: object
    ) -> provider_pb2.GetSchemaResponse:
        """No schema."""
        return provider_pb2.GetSchemaResponse(schema='{"name":"bare","version":"0.0.1"}')

    async def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: object
    ) -> provider_pb2.CheckResponse:
        """As it is."""
        return provider_pb2.CheckResponse(inputs=request.news)

    async def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: object
    ) -> provider_pb2.DiffResponse:
        """Never anything new."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    async def Configure(
        self, request: provider_pb2.ConfigureRequest, context: object
    ) -> provider_pb2.ConfigureResponse:
        """What our provider answers as well."""
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, acceptResources=True, acceptOutputs=True, supportsPreview=True
        )

    async def Check(
        self, request: provider_pb2.CheckRequest, context: object
    ) -> provider_pb2.CheckResponse:
        """As it is."""
        return provider_pb2.CheckResponse(inputs=request.news)

    async def Diff(
        self, request: provider_pb2.DiffRequest, context: object
    ) -> provider_pb2.DiffResponse:
        """Equal or not."""
        answer = provider_pb2.DiffResponse
        same = request.old_inputs == request.news
        return answer(changes=answer.DIFF_NONE if same else answer.DIFF_SOME)

    async def Create(
        self, request: provider_pb2.CreateRequest, context: object
    ) -> provider_pb2.CreateResponse:
        """It is there because we say so."""
        return provider_pb2.CreateResponse(id="thing", properties=request.properties)

    async def Delete(self, request: provider_pb2.DeleteRequest, context: object) -> empty_pb2.Empty:
        """It is gone because we say so."""
        return empty_pb2.Empty()


async def _serve() -> None:
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Bare(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(_serve())
