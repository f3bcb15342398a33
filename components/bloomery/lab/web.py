"""The lab's two web servers: media over HTTPS for BMCs, the package mirror for hosts."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from bloomery.errors import LabError
from bloomery.trust.ca import Leaf


async def serve_media(
    leaf: Leaf, host: str, port: int, media: Mapping[str, bytes | Path]
) -> web.AppRunner:
    """Serve ``media``, path -> image or its file, until the runner is cleaned up.

    A file is served by ranges as well, as a BMC streams it.
    """

    async def give(request: web.Request) -> web.StreamResponse:
        data = media.get(request.path)
        if data is None:
            raise web.HTTPNotFound
        if isinstance(data, Path):
            return web.FileResponse(data, headers={"Content-Type": "application/octet-stream"})
        return web.Response(body=data, content_type="application/octet-stream")

    app = web.Application()
    app.router.add_get("/{path:.*}", give)
    return await _serve(app, host, port, _server_tls(leaf))


async def serve_depot(host: str, port: int, folders: dict[str, Path]) -> web.AppRunner:
    """Serve URL prefix -> directory, read-only, without listings.

    Plain HTTP on purpose: apt checks signatures, and the mirror must work before a host
    trusts any certificate.
    """
    app = web.Application()
    for prefix, folder in folders.items():
        folder.mkdir(parents=True, exist_ok=True)
        app.router.add_static(prefix, folder, follow_symlinks=True)
    return await _serve(app, host, port, None)


async def _serve(
    app: web.Application, host: str, port: int, tls: ssl.SSLContext | None
) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, ssl_context=tls).start()
    except OSError as error:
        await runner.cleanup()
        raise LabError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return runner


def _server_tls(leaf: Leaf) -> ssl.SSLContext:
    """``ssl`` loads keys from files only; the file is private and gone at once."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(leaf.certificate + leaf.key)
        file.flush()
        tls.load_cert_chain(file.name)
    return tls
