"""One HTTPS server per BMC, many of them in one process."""

from __future__ import annotations

import base64
import binascii
import json
import os
import ssl
from dataclasses import dataclass

from aiohttp import web

from bloomery.drivers.redfish.fake import Down, FakeBmc, Refusal
from bloomery.lab.redfish.form import SKIP, misses_slash
from bloomery.lab.redfish.reply import Call, Json, Reply, error
from bloomery.lab.redfish.routes import OPEN, answer
from bloomery.trust.ca import Leaf

MAX_BODY = 1 << 16
"""Longest request body, bytes: a certificate chain fits, an image does not."""

CLOSE_SECONDS = 0.5
"""How long a stopping server waits for calls under way."""


@dataclass
class Site:
    """A running server."""

    fake: FakeBmc
    host: str
    port: int
    """The true port, also when 0 was asked for."""
    _runner: web.AppRunner

    @property
    def address(self) -> str:
        """``host:port``, as drivers take it."""
        return f"{self.host}:{self.port}"

    async def close(self) -> None:
        """Stop listening and end what the BMC has under way; the machine stays."""
        await self._runner.cleanup()
        await self.fake.stop()


async def serve(fake: FakeBmc, host: str, port: int, leaf: Leaf) -> Site:
    """Serve one BMC. Raises OSError when the address cannot be had."""
    context = _context(fake, leaf)
    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_route("*", "/{tail:.*}", _Front(fake).handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, ssl_context=context).start()
    except OSError:
        await runner.cleanup()
        raise
    return Site(fake, host, runner.addresses[0][1], runner)


def _context(fake: FakeBmc, leaf: Leaf) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2

    def load() -> None:
        # OpenSSL reads certificates from files only; this one never touches a disk.
        with os.fdopen(os.memfd_create("certificate"), "wb", buffering=0) as file:
            file.write(fake.certificates.bundle().encode())
            context.load_cert_chain(f"/proc/self/fd/{file.fileno()}")

    fake.certificates.present(leaf.certificate, leaf.key, load)
    load()
    return context


class _Front:
    """From HTTP to calls and back."""

    def __init__(self, fake: FakeBmc) -> None:
        self._fake = fake

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.rstrip("/")
        try:
            reply = await self._reply(request, path)
        except Down:
            self._fake.calls.append((request.method, path, 0))
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=503)
        except Refusal as refusal:
            reply = error(refusal)
        self._fake.calls.append((request.method, path, reply.status))
        if request.method == "GET" and reply.status == 200:
            self._fake.faults.seen(path)
        return _response(reply)

    async def _reply(self, request: web.Request, path: str) -> Reply:
        await self._fake.visit(path)
        if (request.method, path) not in OPEN:
            self._fake.accounts.admit(self._authenticate(request), path)
        if request.method == "GET" and misses_slash(self._fake.personality, request.path):
            return Reply(301, None, {"Location": f"{request.path}/"})
        skip = request.query.get(SKIP, "0")
        body = await _body(request)
        call = Call(
            self._fake, request.method, path, body=body, skip=int(skip) if skip.isdigit() else 0
        )
        return answer(call, request.headers.get("If-Match", ""))

    def _authenticate(self, request: web.Request) -> str:
        token = request.headers.get("X-Auth-Token")
        if token is not None:
            return self._fake.sessions.use(token).user
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            raise Refusal(401, "NoValidSession", "There is no valid session established.")
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refusal(401, "ResourceAtUriUnauthorized", "Authorization is malformed.") from None
        self._fake.accounts.login(user, password)
        return user


async def _body(request: web.Request) -> Json:
    raw = await request.read()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        raise Refusal(400, "MalformedJSON", "The request body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise Refusal(400, "UnrecognizedRequestBody", "The request body is not a JSON object.")
    return body


def _response(reply: Reply) -> web.Response:
    headers = {"OData-Version": "4.0", "Cache-Control": "no-cache", **reply.headers}
    if reply.body is None:
        return web.Response(status=reply.status, headers=headers)
    text = json.dumps(reply.body)
    return web.Response(
        status=reply.status, headers=headers, text=text, content_type="application/json"
    )
