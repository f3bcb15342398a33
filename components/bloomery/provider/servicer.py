"""The gRPC face of the provider: wire in, handler call, wire out.

Written on the SDK's generated servicer, because the experimental ``Provider`` drops
old inputs, and loses a resource whose creation failed half-way; here it is kept by
``ErrorResourceInitFailed``.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Collection, Mapping
from typing import Never, TypeAlias, TypeVar

import grpc.aio
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import (
    ResourceProviderServicer,
    plugin_pb2,
    provider_pb2,
    status_pb2,
)

from bloomery import __version__
from bloomery.errors import BloomeryError
from bloomery.provider import values
from bloomery.provider.context import Context
from bloomery.provider.handler import Handler, InitFailed
from bloomery.provider.schema import VERSION, schema

Rpc: TypeAlias = "grpc.aio.ServicerContext[object, object]"
T = TypeVar("T")


QUIET = 1.0
"""Seconds without device work after which no more is expected: a programme registers its resources
within hundredths of a second of each other."""


class Servicer(ResourceProviderServicer):
    """Dispatches to the handler of each resource type."""

    def __init__(
        self, context: Context, handlers: Mapping[str, Handler], quiet: float = QUIET
    ) -> None:
        self._context = context
        self._quiet = quiet
        self._handlers = handlers
        self._running: set[asyncio.Task[object]] = set()

    def _handler(self, urn: str) -> Handler:
        return self._handlers[urn.split("::")[2].rsplit("$", 1)[-1]]

    async def _work(
        self, call: Awaitable[T], rpc: Rpc, urn: str, secrets: Collection[str] = ()
    ) -> T:
        """Run device work so that Cancel can stop it, and failures stay one line."""
        task: asyncio.Task[T] = asyncio.ensure_future(call)
        self._running.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            await rpc.abort(grpc.StatusCode.CANCELLED, "cancelled; pulumi up goes on from here")
        except InitFailed as failed:
            await _abort_init_failed(failed, rpc, secrets)
        except BloomeryError as error:
            await self._fail(str(error), rpc, urn)
        except OSError as error:
            await self._fail(_of_controller(error), rpc, urn)
        finally:
            self._running.discard(task)

    async def _fail(self, why: str, rpc: Rpc, urn: str) -> Never:
        """Fail a resource once no other is worked on: the engine starts none after a failure, and
        one machine must never stop the others. Until then it is a warning.
        """
        if any(not task.done() for task in self._running):
            await self._context.log.warn(urn, why)
        while True:
            await asyncio.sleep(self._quiet)
            others = {task for task in self._running if not task.done()}
            if not others:
                await rpc.abort(grpc.StatusCode.UNKNOWN, why)
            await asyncio.wait(others)

    async def GetPluginInfo(self, request: empty_pb2.Empty, context: Rpc) -> plugin_pb2.PluginInfo:
        """Version."""
        return plugin_pb2.PluginInfo(version=__version__)

    async def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: Rpc
    ) -> provider_pb2.GetSchemaResponse:
        """Resource types with their required inputs."""
        return provider_pb2.GetSchemaResponse(schema=schema())

    async def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: Rpc
    ) -> provider_pb2.CheckResponse:
        """Take the provider's configuration as it is."""
        return provider_pb2.CheckResponse(inputs=request.news)

    async def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: Rpc
    ) -> provider_pb2.DiffResponse:
        """Changed configuration never replaces the provider, and so never a machine."""
        same = provider_pb2.DiffResponse.DIFF_NONE
        some = provider_pb2.DiffResponse.DIFF_SOME
        changed = values.read(request.olds) != values.read(request.news)
        return provider_pb2.DiffResponse(changes=some if changed else same)

    async def Configure(
        self, request: provider_pb2.ConfigureRequest, context: Rpc
    ) -> provider_pb2.ConfigureResponse:
        """Open the site: state directory, secret, journal."""
        try:
            self._context.configure(values.read(request.args))
        except BloomeryError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, acceptResources=True, acceptOutputs=True, supportsPreview=True
        )

    async def Invoke(
        self, request: provider_pb2.InvokeRequest, context: Rpc
    ) -> provider_pb2.InvokeResponse:
        """The one function there is: which version answers."""
        if request.tok != VERSION:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"no function {request.tok}")
        answer = provider_pb2.InvokeResponse()
        getattr(answer, "return").CopyFrom(values.write({"version": __version__}))
        return answer

    async def Check(
        self, request: provider_pb2.CheckRequest, context: Rpc
    ) -> provider_pb2.CheckResponse:
        """Validate inputs; secrets among them stay marked."""
        handler, news = self._handler(request.urn), values.read(request.news)
        try:
            checked = handler.check(news)
        except BloomeryError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        failures = [
            provider_pb2.CheckFailure(property=name, reason=reason)
            for name, reason in checked.failures.items()
        ]
        untouched = checked.inputs is news and not handler.secrets
        inputs = request.news if untouched else values.write(checked.inputs, handler.secrets)
        return provider_pb2.CheckResponse(inputs=inputs, failures=failures)

    async def Diff(
        self, request: provider_pb2.DiffRequest, context: Rpc
    ) -> provider_pb2.DiffResponse:
        """Compare stored outputs with new inputs; never asks for a replacement."""
        stored = values.read(request.old_inputs)
        olds = {**stored, **values.read(request.olds)}
        same = request.news == request.old_inputs  # nearly always, and reading takes time
        news = stored if same else values.read(request.news)
        try:
            change = self._handler(request.urn).diff(olds, news)
        except BloomeryError as error:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        names = [name for name in change.properties if name not in request.ignoreChanges]
        update = provider_pb2.PropertyDiff.UPDATE
        return provider_pb2.DiffResponse(
            changes=(
                provider_pb2.DiffResponse.DIFF_SOME
                if names
                else provider_pb2.DiffResponse.DIFF_NONE
            ),
            diffs=names,
            detailedDiff={
                name: provider_pb2.PropertyDiff(kind=update, inputDiff=name in news)
                for name in names
            },
            hasDetailedDiff=True,
        )

    async def Create(
        self, request: provider_pb2.CreateRequest, context: Rpc
    ) -> provider_pb2.CreateResponse:
        """Create, or in a preview say what is known."""
        handler, news = self._handler(request.urn), values.read(request.properties)
        if request.preview:
            props = handler.expect({}, news)
            written = values.write(values.beyond(news, props), handler.secrets)
            return provider_pb2.CreateResponse(properties=written)
        resource_id, props = await self._work(
            handler.create(request.urn, news), context, request.urn, handler.secrets
        )
        written = values.write(values.beyond(news, props), handler.secrets)
        return provider_pb2.CreateResponse(id=resource_id, properties=written)

    async def Update(
        self, request: provider_pb2.UpdateRequest, context: Rpc
    ) -> provider_pb2.UpdateResponse:
        """Update, or in a preview say what is known."""
        handler = self._handler(request.urn)
        olds, news = values.whole(request.old_inputs, request.olds), values.read(request.news)
        if request.preview:
            props = handler.expect(olds, news)
        else:
            work = handler.update(request.urn, request.id, olds, news)
            props = await self._work(work, context, request.urn, handler.secrets)
        written = values.write(values.beyond(news, props), handler.secrets)
        return provider_pb2.UpdateResponse(properties=written)

    async def Read(
        self, request: provider_pb2.ReadRequest, context: Rpc
    ) -> provider_pb2.ReadResponse:
        """Look at the real thing."""
        handler = self._handler(request.urn)
        inputs, props = values.read(request.inputs), values.read(request.properties)
        if props:  # without any it is an import: nothing is known but the identity
            props = {**inputs, **props}
        looking = handler.read(request.urn, request.id, inputs, props)
        found = await self._work(looking, context, request.urn)
        return provider_pb2.ReadResponse(
            id=found.resource_id,
            inputs=values.write(found.inputs, handler.secrets),
            properties=values.write(values.beyond(found.inputs, found.props), handler.secrets),
        )

    async def Delete(self, request: provider_pb2.DeleteRequest, context: Rpc) -> empty_pb2.Empty:
        """Release."""
        handler = self._handler(request.urn)
        props = values.whole(request.old_inputs, request.properties)
        await self._work(handler.delete(request.urn, request.id, props), context, request.urn)
        return empty_pb2.Empty()

    async def Cancel(self, request: empty_pb2.Empty, context: Rpc) -> empty_pb2.Empty:
        """Stop all device work at its next safe point."""
        for task in list(self._running):
            task.cancel()
        return empty_pb2.Empty()


def _of_controller(error: OSError) -> str:
    """A fault of the machine we run on, above all a full disk, in one line."""
    todo = "free space" if error.errno == errno.ENOSPC else "correct the fault"
    return f"the controller failed: {error}; next: {todo}, then pulumi up"


async def _abort_init_failed(failed: InitFailed, rpc: Rpc, secrets: Collection[str]) -> Never:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=failed.resource_id,
        properties=values.write(values.beyond(failed.inputs, failed.props), secrets),
        reasons=failed.reasons,
        inputs=values.write(failed.inputs, secrets),
    )
    packed = any_pb2.Any()
    packed.Pack(detail)
    code, message = grpc.StatusCode.UNKNOWN, "not ready; kept in the state"
    status = status_pb2.Status(code=code.value[0], message=message, details=[packed])
    trailing = (("grpc-status-details-bin", status.SerializeToString()),)
    await rpc.abort(code, message, trailing)
