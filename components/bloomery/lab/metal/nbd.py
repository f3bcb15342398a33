"""A read-only NBD server on a Unix socket: how QEMU reads what a BMC has inserted.

The fixed newstyle handshake and simple replies of the protocol (NetworkBlockDevice/nbd,
doc/proto.md). Fields are big-endian. QEMU's own HTTP reader is not used: it takes neither
a CA nor a source address, and a BMC has both.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from bloomery.errors import LabError
from bloomery.lab.sockets import listen

MAGIC = b"NBDMAGIC"
OPTION_MAGIC = b"IHAVEOPT"
OPTION_REPLY = 0x3E889045565A9
REQUEST_MAGIC = 0x25609513
REPLY_MAGIC = 0x67446698
FIXED_NO_ZEROES = 3
"""Handshake flags: fixed newstyle, and no 124 zero bytes after an export's description."""
READ_ONLY = 3
"""Transmission flags: has flags, read-only."""
EXPORT_NAME, ABORT, INFO, GO = 1, 2, 6, 7
"""Options that are answered; the client falls back where one is refused."""
ACK, INFO_REPLY, UNSUPPORTED, UNKNOWN = 1, 3, 2**31 + 1, 2**31 + 6
"""Kinds of an option's reply."""
READ, DISCONNECT = 0, 2
"""Commands that are answered; all others are errors on a read-only disc."""
LONGEST = 32 * 1024 * 1024
"""Most bytes of one request or option (proto.md, "Size constraints")."""


class Source(Protocol):
    """What one export reads from."""

    @property
    def size(self) -> int:
        """Bytes."""

    async def read(self, offset: int, length: int) -> bytes:
        """``length`` bytes from ``offset``. LabError when they cannot be had."""


class NbdServer:
    """Serves sources by name until closed."""

    def __init__(self, path: Path, sources: Mapping[str, Source]) -> None:
        self._path = path
        self._sources = sources
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen; a socket that an earlier daemon left is replaced."""
        self._server = await asyncio.start_unix_server(self._meet, sock=listen(self._path))
        self._path.chmod(0o600)

    async def close(self) -> None:
        """Close the socket and every connection."""
        if self._server is not None:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        if talk is not None:
            self._talks.add(talk)
            talk.add_done_callback(self._talks.discard)
        try:
            source = await self._shake_hands(reader, writer)
            if source is not None:
                await _serve(source, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the machine was switched off
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _shake_hands(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Source | None:
        """Negotiate; the source to serve, or None where the client left."""
        writer.write(MAGIC + OPTION_MAGIC + struct.pack(">H", FIXED_NO_ZEROES))
        await reader.readexactly(4)
        while True:
            magic, option, length = struct.unpack(">8sII", await reader.readexactly(16))
            if magic != OPTION_MAGIC or length > LONGEST:
                return None
            data = await reader.readexactly(length)
            if option == EXPORT_NAME:
                return self._by_name(data, writer)
            if option == ABORT:
                _answer(writer, option, ACK)
                return None
            source = self._answer_option(option, data, writer)
            await writer.drain()
            if source is not None:
                return source

    def _by_name(self, name: bytes, writer: asyncio.StreamWriter) -> Source | None:
        """The old way in: no refusal is possible but to hang up."""
        source = self._sources.get(name.decode(errors="replace"))
        if source is not None:
            writer.write(struct.pack(">QH", source.size, READ_ONLY))
        return source

    def _answer_option(
        self, option: int, data: bytes, writer: asyncio.StreamWriter
    ) -> Source | None:
        """Answer INFO and GO, refuse the rest; the source where transmission begins."""
        if option not in (INFO, GO):
            _answer(writer, option, UNSUPPORTED)
            return None
        (length,) = struct.unpack_from(">I", data)
        source = self._sources.get(data[4 : 4 + length].decode(errors="replace"))
        if source is None:
            _answer(writer, option, UNKNOWN)
            return None
        _answer(writer, option, INFO_REPLY, struct.pack(">HQH", 0, source.size, READ_ONLY))
        _answer(writer, option, ACK)
        return source if option == GO else None


def _answer(writer: asyncio.StreamWriter, option: int, kind: int, data: bytes = b"") -> None:
    writer.write(struct.pack(">QIII", OPTION_REPLY, option, kind, len(data)) + data)


async def _serve(
    source: Source, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer requests one after the other until the client is done."""
    while True:
        request = await reader.readexactly(28)
        magic, _, command, handle, offset, length = struct.unpack(">IHHQQI", request)
        if magic != REQUEST_MAGIC or command == DISCONNECT or length > LONGEST:
            return
        data, error = b"", 0
        if command != READ or offset + length > source.size:
            error = errno.EINVAL if command == READ else errno.EPERM
        else:
            try:
                data = await source.read(offset, length)
            except LabError:
                error = errno.EIO  # the machine sees a disc that cannot be read
        writer.write(struct.pack(">IIQ", REPLY_MAGIC, error, handle) + data)
        await writer.drain()
