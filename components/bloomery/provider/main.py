"""The provider's process: serve, and die with the engine."""

from __future__ import annotations

import argparse
import asyncio
import sys

import grpc.aio
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from bloomery.provider.acceptance.handler import AcceptanceHandler
from bloomery.provider.bmc import BmcLinks
from bloomery.provider.context import Context
from bloomery.provider.handler import Handler
from bloomery.provider.layer import LayerHandler
from bloomery.provider.log import EngineLog
from bloomery.provider.node import NodeHandler
from bloomery.provider.run import RunHandler
from bloomery.provider.servicer import Servicer
from bloomery.provider.site import SiteHandler
from bloomery.provider.watch import die_with, die_without, engine_pid


def handlers(context: Context) -> dict[str, Handler]:
    """Resource type -> handler."""
    return {
        "bloomery:site:Site": SiteHandler(),
        "bloomery:site:Layer": LayerHandler(context),
        "bloomery:metal:Node": NodeHandler(context, BmcLinks(context)),
        "bloomery:ansible:Run": RunHandler(context),
        "bloomery:evidence:Acceptance": AcceptanceHandler(context),
    }


async def serve(engine: str) -> None:
    """Serve the engine at ``engine`` until it is gone."""
    die_with(engine_pid())
    await die_without(engine)
    context = Context(EngineLog(engine))
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    servicer = Servicer(context, handlers(context))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


def main() -> None:
    """Entry point of ``pulumi-resource-bloomery`` and of the plugin folder."""
    parser = argparse.ArgumentParser(description="Pulumi provider of bloomery")
    parser.add_argument("engine", help="address of the Pulumi engine")
    # The engine's own flag; unknown to the parser its value would be taken for the address.
    parser.add_argument("--tracing", help=argparse.SUPPRESS)
    known, _ = parser.parse_known_args()
    asyncio.run(serve(known.engine))
