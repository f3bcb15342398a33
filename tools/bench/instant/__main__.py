"""Our provider with every handler as it is; only the devices behind the drivers are instant.

Fills a state as the real provider would, so that a bench can then run the real one on it.
"""

from __future__ import annotations

import asyncio
import os
import sys

import grpc.aio
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from bench.instant_machines import InstantSite
from bloomery.drivers.ansible.client import run
from bloomery.plan import make_plan
from bloomery.provider.context import Context
from bloomery.provider.drivers import Drivers
from bloomery.provider.log import EngineLog
from bloomery.provider.main import handlers
from bloomery.provider.servicer import Servicer
from bloomery.provider.watch import die_with, engine_pid
from bloomery.site import find_site, load
from bloomery.statedir import ENV_SITE, StateDir
from bloomery.trust.secret import open_secret


async def _serve(engine: str) -> None:
    die_with(engine_pid())
    name = os.environ[ENV_SITE]
    state = StateDir.of(name, os.environ)
    site = InstantSite(make_plan(load(find_site(name))))
    connect = site.connect(open_secret(state.secret), state)
    drivers = Drivers({"redfish": connect, "ssh": site.probe, "ansible": run})
    context = Context(EngineLog(engine), drivers)
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    servicer = Servicer(context, handlers(context))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
