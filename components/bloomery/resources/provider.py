"""The provider itself, as a programme meets it before its first resource."""

from __future__ import annotations

import asyncio

import grpc
import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_monitor

from bloomery import __version__

VERSION = "bloomery:index:version"
"""Function that answers with the provider's version."""


async def start_provider() -> None:
    """Have the engine start the provider, and insist that it is of this library's version.

    Left out, the engine starts it with the first resource, after all planning. What keeps it from
    starting is no error here: the engine says it of the first resource. Raises RunError where the
    provider is of another version: it would be handed inputs it does not know.
    """
    monitor = get_monitor()
    if monitor is None:  # no engine, and so nothing to start
        return
    request = resource_pb2.ResourceInvokeRequest(tok=VERSION)
    try:
        # Not by ``pulumi.runtime.invoke``: a call of its that fails ends the programme.
        answer = await asyncio.to_thread(monitor.Invoke, request)
    except grpc.RpcError:
        return
    found = rpc.deserialize_properties(getattr(answer, "return")).get("version")
    if found != __version__:
        raise pulumi.RunError(
            f"the provider is bloomery {found or 'of no known version'}, the programme uses "
            f"{__version__}; install the same version of both"
        )
