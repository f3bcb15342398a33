"""The provider on a real gRPC socket, with an engine that only keeps a log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc.aio
from google.protobuf import any_pb2, empty_pb2
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)
from site_in_process import PARENTS, SITE, SiteInProcess

from bloomery.provider import values
from bloomery.provider.log import EngineLog
from bloomery.provider.main import handlers
from bloomery.provider.servicer import Servicer
from bloomery.provider.values import Props

SECRET = ("4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270")
"""Key and value that mark a secret on Pulumi's wire."""

TYPES = {
    "node": f"{PARENTS}$bloomery:metal:Node",
    "run": "bloomery:site:Site$bloomery:cluster:Cluster$bloomery:ansible:Run",
    "acceptance": "bloomery:site:Site$bloomery:evidence:Acceptance",
    "layer": "bloomery:site:Site$bloomery:site:Layer",
    "site": "bloomery:site:Site",
}


def urn(kind: str, name: str = "n01") -> str:
    return f"urn:pulumi:{SITE}::ai-factory::{TYPES[kind]}::{name}"


def seen(inputs: Struct, outputs: Struct) -> None:
    """Fill outputs up with the inputs, as the SDK does for whoever reads a resource."""
    for name, value in inputs.fields.items():
        if name not in outputs.fields:
            outputs.fields[name].CopyFrom(value)


def marked(struct: Struct, name: str) -> bool:
    """Whether a property is marked secret on the wire."""
    value = struct[name]
    return isinstance(value, Struct) and value.fields[SECRET[0]].string_value == SECRET[1]


class Engine(engine_pb2_grpc.EngineServicer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[engine_pb2.LogRequest] = []

    async def Log(self, request, context):  # noqa: N802 - a name of the wire protocol
        self.told.append(request)
        return empty_pb2.Empty()


@dataclass
class GrpcProvider:
    """A client of the provider, as the engine is one."""

    shop: SiteInProcess
    stub: provider_pb2_grpc.ResourceProviderStub
    engine: Engine
    kinds: Sequence[str] = field(default_factory=lambda: list(TYPES))
    stored: Props = field(default_factory=dict)
    """Outputs of the last answer, as the state keeps them: without what the inputs say."""

    async def check(self, kind: str, news: Props) -> provider_pb2.CheckResponse:
        request = provider_pb2.CheckRequest(urn=urn(kind), news=values.write(news))
        return await self.stub.Check(request)

    async def diff(
        self, kind: str, olds: Props, news: Props, ignore: Sequence[str] = ()
    ) -> provider_pb2.DiffResponse:
        request = provider_pb2.DiffRequest(
            urn=urn(kind),
            id="x",
            olds=values.write(olds),
            news=values.write(news),
            ignoreChanges=ignore,
        )
        return await self.stub.Diff(request)

    async def create(
        self, kind: str, news: Props, *, preview: bool = False
    ) -> provider_pb2.CreateResponse:
        request = provider_pb2.CreateRequest(
            urn=urn(kind), properties=values.write(news), preview=preview
        )
        made = await self.stub.Create(request)
        self.stored = values.read(made.properties)
        seen(request.properties, made.properties)
        return made

    async def update(
        self, kind: str, olds: Props, news: Props, *, preview: bool = False
    ) -> provider_pb2.UpdateResponse:
        request = provider_pb2.UpdateRequest(
            urn=urn(kind),
            id="x",
            olds=values.write(olds),
            news=values.write(news),
            preview=preview,
        )
        made = await self.stub.Update(request)
        self.stored = values.read(made.properties)
        seen(request.news, made.properties)
        return made

    async def read(
        self, kind: str, identity: str, inputs: Props | None = None, props: Props | None = None
    ) -> provider_pb2.ReadResponse:
        request = provider_pb2.ReadRequest(
            urn=urn(kind),
            id=identity,
            inputs=values.write(inputs or {}),
            properties=values.write(props or {}),
        )
        found = await self.stub.Read(request)
        self.stored = values.read(found.properties)
        seen(found.inputs, found.properties)
        return found

    async def delete(self, kind: str, props: Props) -> None:
        request = provider_pb2.DeleteRequest(urn=urn(kind), id="x", properties=values.write(props))
        await self.stub.Delete(request)


def init_failed(error: grpc.aio.AioRpcError) -> provider_pb2.ErrorResourceInitFailed:
    """The details of a creation that failed half-way."""
    trailing = dict(error.trailing_metadata() or ())
    status = status_pb2.Status.FromString(trailing["grpc-status-details-bin"])
    packed: any_pb2.Any = status.details[0]
    detail = provider_pb2.ErrorResourceInitFailed()
    assert packed.Unpack(detail), packed.type_url
    seen(detail.inputs, detail.properties)
    return detail


@asynccontextmanager
async def open_provider(shop: SiteInProcess) -> AsyncIterator[GrpcProvider]:
    """Serve; everything is closed again at the end."""
    engine = Engine()
    engines, providers = grpc.aio.server(), grpc.aio.server()
    engine_pb2_grpc.add_EngineServicer_to_server(engine, engines)
    engine_port = engines.add_insecure_port("127.83.0.2:0")
    await engines.start()
    shop.context.log = EngineLog(f"127.83.0.2:{engine_port}")
    servicer = Servicer(shop.context, handlers(shop.context), quiet=0.02)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, providers)
    port = providers.add_insecure_port("127.83.0.2:0")
    await providers.start()
    async with grpc.aio.insecure_channel(f"127.83.0.2:{port}") as channel:
        yield GrpcProvider(shop, provider_pb2_grpc.ResourceProviderStub(channel), engine)
    await providers.stop(None)
    await engines.stop(None)
