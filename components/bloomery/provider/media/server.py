"""Serves each medium to the BMC it is for, as often as it asks, until it is withdrawn.

BMCs stream: they ask for the size, then for ranges, from several connections, for as long as
the medium is inserted. A medium carries the private key of its machine, so it goes over TLS, to the
address of one BMC only, under a path nobody can guess. One whose seed is sealed may go without TLS.
"""

from __future__ import annotations

import asyncio
import datetime
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from bloomery.errors import NotReadyError
from bloomery.provider.media.reading import Reading
from bloomery.trust.ca import Leaf, issue, rsa_key
from bloomery.trust.secret import SiteSecret

PIECE = 256 * 1024
"""Bytes read from the file at once: a fraction of a second on the slowest BMC network, so that a
withdrawn medium stops soon, and no more memory than that per connection."""

METHODS = ("GET", "HEAD")


@dataclass(frozen=True)
class Place:
    """Where a medium is served, and to whom."""

    controller: str
    """Address the controller serves it on."""
    reader: str
    """Address of the BMC."""
    path: str = field(repr=False)
    """Path of the URL; unguessable."""
    port: int = 0
    """Port of an earlier process, to serve it under the same URL again; 0 for any."""
    tls: bool = True
    """Whether it is read over TLS; without, nothing on it may be secret."""

    @property
    def scheme(self) -> str:
        """Of the URL."""
        return "https" if self.tls else "http"


class MediumServer:
    """All media of one site."""

    def __init__(self, secret: SiteSecret, site: str, ca: Path) -> None:
        self._secret = secret
        self._site = site
        self._ca = ca
        self._offers: dict[str, tuple[Place, Reading]] = {}
        self._ports: dict[tuple[str, bool], dict[int, asyncio.Server]] = {}
        self._web: web.Server | None = None
        self._tls: dict[str, ssl.SSLContext] = {}
        self._turn = asyncio.Lock()

    async def offer(self, place: Place, reading: Reading) -> str:
        """URL under which the reader may read the medium from now on.

        Raises NotReadyError when the controller cannot listen on its address (and port).
        """
        async with self._turn:
            port = await self._port(place)
        self._offers[place.path] = (place, reading)
        return f"{place.scheme}://{place.controller}:{port}{place.path}"

    def withdraw(self, url: str) -> None:
        """End an offer; a reader in the middle of it is cut off."""
        _, reading = self._offers.pop("/" + url.partition("://")[2].partition("/")[2], (None, None))
        if reading is not None:
            reading.ends()

    def stop(self) -> None:
        """Serve nothing any more, to nobody; connections are closed by ``close``."""
        self._offers.clear()
        for ports in self._ports.values():
            for listener in ports.values():
                listener.close()
        self._ports.clear()

    async def close(self) -> None:
        """Stop, and end all connections."""
        self.stop()
        if self._web is not None:
            await self._web.shutdown(0)

    async def _port(self, place: Place) -> int:
        known = self._ports.setdefault((place.controller, place.tls), {})
        if place.port in known or (known and not place.port):
            return place.port or next(iter(known))
        self._web = self._web or web.Server(self._answer, access_log=None)
        try:
            tls = self._context(place.controller) if place.tls else None
            listener = await asyncio.get_running_loop().create_server(
                self._web, place.controller, place.port, ssl=tls
            )
        except OSError as error:
            raise NotReadyError(
                f"cannot serve media on {place.controller}: {error.strerror}",
                next_step="give the controller this address in the BMC network",
            ) from None
        port = int(listener.sockets[0].getsockname()[1])
        known[port] = listener
        return port

    def _context(self, controller: str) -> ssl.SSLContext:
        """TLS with a leaf of each kind: the reader's suites decide which one it is shown."""
        if controller not in self._tls:
            now = datetime.datetime.now(datetime.UTC)
            of_site = (self._secret, self._site, self._ca, controller, now)
            leaves = (issue(*of_site), issue(*of_site, key=rsa_key()))
            self._tls[controller] = _tls(leaves)
        return self._tls[controller]

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method not in METHODS:
            raise web.HTTPMethodNotAllowed(request.method, METHODS)
        place, reading = self._offers.get(request.path, (None, None))
        if place is None or reading is None or request.remote != place.reader:
            raise web.HTTPNotFound
        if place.tls is not request.secure:  # what is not sealed never leaves without TLS
            raise web.HTTPNotFound
        headers = {
            "Accept-Ranges": "bytes",
            "ETag": reading.medium.tag,
            "Last-Modified": reading.medium.modified,
            "Content-Type": "application/octet-stream",
        }
        reading.requests += 1
        start, stop, partial = _wanted(request, reading.medium.size, headers)
        answer = web.StreamResponse(status=206 if partial else 200, headers=headers)
        answer.content_length = stop - start
        if request.method == "HEAD":
            await answer.prepare(request)
            return answer
        await self._send(request, answer, reading, (start, stop))
        return answer

    async def _send(
        self,
        request: web.BaseRequest,
        answer: web.StreamResponse,
        reading: Reading,
        wanted: tuple[int, int],
    ) -> None:
        start, stop = wanted
        while start < stop:
            end = min(start + PIECE, stop)
            piece = await asyncio.to_thread(reading.medium.read, start, end)
            if self._offers.get(request.path, (None, None))[1] is not reading:
                if request.transport is not None:
                    request.transport.abort()
                return
            reading.sends(start, end)
            if not answer.prepared:
                await answer.prepare(request)
            await answer.write(piece)
            reading.sent(start, end)
            start = end
        await answer.write_eof()


def _wanted(request: web.BaseRequest, size: int, headers: dict[str, str]) -> tuple[int, int, bool]:
    """First byte, the one after the last, and whether that is a part (RFC 9110 14.2).

    Several ranges at once may be answered with the whole, as a validator that differs is.
    """
    asked = request.headers.get("Range", "")
    if not asked.startswith("bytes=") or "," in asked or request.method == "HEAD":
        return 0, size, False
    known = ("", headers["ETag"], headers["Last-Modified"])
    if request.headers.get("If-Range", "") not in known:
        return 0, size, False
    try:
        start, stop, _ = request.http_range.indices(size)
    except ValueError:
        start = stop = size
    if start >= stop or asked == "bytes=-0":
        raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return start, stop, True


def _tls(leaves: tuple[Leaf, ...]) -> ssl.SSLContext:
    """``ssl`` loads keys from files only: this one is private, in memory and gone at once."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for leaf in leaves:
        with tempfile.NamedTemporaryFile(dir="/dev/shm") as file:
            file.write(leaf.certificate + leaf.key)
            file.flush()
            tls.load_cert_chain(file.name)
    return tls
