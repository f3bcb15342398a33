"""Installation media of the site's web server, fetched once and kept by their digest.

Over HTTPS, verified by the site CA or by one that the controller trusts. Where the server
gives a validator, an image that is here is asked for with it and not fetched again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import ssl
import tempfile
from pathlib import Path

import aiohttp

from bloomery.errors import NotReadyError
from bloomery.provider.media.kept import DRAFT, mark_used

SILENCE = 60.0
"""Seconds a web server may say nothing in the middle of an image."""

PIECE = 1024 * 1024
"""Bytes written at once."""

VALIDATORS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
"""What a server says of an image -> how it is asked whether that still holds."""


class Images:
    """Images by the URL they come from."""

    def __init__(self, folder: Path, ca: Path) -> None:
        self._folder = folder
        self._ca = ca
        self._known: dict[str, str] = {}
        self._turn = asyncio.Lock()

    def path(self, digest: str) -> Path:
        """Where the image of a SHA-256 digest (hex) is, if it is there."""
        return self._folder / f"{digest}.iso"

    async def digest(self, url: str) -> str:
        """SHA-256 of the image at ``url`` as it is now; it is in the folder then.

        Asked for once in a process: machines that are installed together get the same.
        Raises NotReadyError.
        """
        if not url.startswith("https://"):
            raise NotReadyError(
                f"{url} is not https: nothing would prove what is installed",
                next_step="serve installation media over https (depot.media of site.yaml)",
            )
        async with self._turn:
            if url not in self._known:
                self._known[url] = await self._fetch(url)
            return self._known[url]

    async def _fetch(self, url: str) -> str:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        told = self._folder / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.json"
        before = self._before(told)
        asked = {VALIDATORS[name]: before[name] for name in VALIDATORS if name in before}
        tls = ssl.create_default_context()
        tls.load_verify_locations(self._ca)
        limit = aiohttp.ClientTimeout(total=None, sock_connect=SILENCE, sock_read=SILENCE)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit, auto_decompress=False) as session,
                session.get(url, headers=asked, ssl=tls, allow_redirects=False) as answer,
            ):
                if answer.status == 304 and before:
                    return before["sha256"]
                if answer.status != 200:
                    raise NotReadyError(f"{url}: HTTP {answer.status}", next_step=SEE)
                digest = await self._keep(answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = str(error) or type(error).__name__
            raise NotReadyError(f"{url} cannot be fetched: {reason}", next_step=SEE) from error
        record = {name: answer.headers[name] for name in VALIDATORS if name in answer.headers}
        told.write_text(json.dumps({"sha256": digest, "url": url, **record}), encoding="utf-8")
        return digest

    def _before(self, told: Path) -> dict[str, str]:
        """What is known of the image that is here; nothing where it is not."""
        try:
            before = json.loads(told.read_text(encoding="utf-8"))
            found = {str(name): str(value) for name, value in before.items()}
        except (OSError, ValueError, AttributeError):
            return {}
        if "sha256" not in found:
            return {}
        mark_used(self.path(found["sha256"]))
        return found if self.path(found["sha256"]).exists() else {}

    async def _keep(self, answer: aiohttp.ClientResponse) -> str:
        """Write an image down under its digest; one that was cut off raises ClientError."""
        said = hashlib.sha256()
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=DRAFT, delete=False) as draft:
            try:
                async for piece in answer.content.iter_chunked(PIECE):
                    said.update(piece)
                    await asyncio.to_thread(draft.write, piece)
                draft.flush()
                await asyncio.to_thread(os.fsync, draft.fileno())
                os.replace(draft.name, self.path(said.hexdigest()))
            except BaseException:
                Path(draft.name).unlink(missing_ok=True)
                raise
        return said.hexdigest()


SEE = "look at the site's web server of installation media, then pulumi up"
