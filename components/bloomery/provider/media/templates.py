"""The templates of one site, made once and kept in the cache: they hold no secret."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

from bloomery.provider.journal import utc_now
from bloomery.provider.media.images import Images
from bloomery.provider.media.kept import Removed, mark_used, remove_unused
from bloomery.provider.media.template import ROOM, VOLUME, Template, make_template, open_template
from bloomery.provider.seed import SEALED_FILES, SEED_FILES

SHAPE = hashlib.sha256(repr((VOLUME, ROOM, SEED_FILES, SEALED_FILES)).encode()).hexdigest()[:12]
"""Of what a template must have; in its name, so that another release makes its own."""


class Templates:
    """Templates by what is on them."""

    def __init__(self, folder: Path, images: Images) -> None:
        self._folder = folder
        self._images = images
        self._open: dict[str, Template] = {}
        self._turn = asyncio.Lock()
        self._tidied = False

    async def seed(self) -> Template:
        """A medium with a seed and nothing else. Raises NotReadyError."""
        return await self._of("seed", None)

    async def combined(self, digest: str) -> Template:
        """An installation medium that was fetched, with a seed. Raises NotReadyError."""
        return await self._of(digest, self._images.path(digest))

    async def signed(self, digest: str) -> Template:
        """The same with a manifest of its files, for a sealed seed. Raises NotReadyError."""
        return await self._of(f"{digest}-signed", self._images.path(digest), signed=True)

    async def fetched(self, url: str) -> str:
        """Digest of the installation medium at ``url``, by which it is here now.

        Raises NotReadyError when it cannot be had.
        """
        return await self._images.digest(url)

    async def tidy(self) -> Removed:
        """Remove what no site has used of late, once in a process. Raises OSError."""
        if self._tidied:
            return Removed(0, 0)
        self._tidied = True
        return await asyncio.to_thread(remove_unused, self._folder, utc_now())

    async def _of(self, name: str, image: Path | None, *, signed: bool = False) -> Template:
        files = SEALED_FILES if signed else SEED_FILES
        async with self._turn:
            if name not in self._open:
                path = self._folder / f"{name}-{SHAPE}.iso"
                await asyncio.to_thread(mark_used, path)
                await asyncio.to_thread(make_template, path, files, image, signed=signed)
                self._open[name] = await asyncio.to_thread(
                    open_template, path, files, signed=signed
                )
            return self._open[name]
