"""One machine's medium: a file that all machines share, and what this one's differs in.

The file holds no secret and lies on disk once. What is secret is a few kilobytes, kept in
memory, and laid over the file as it is read.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path

from bloomery.provider.media.spans import Spans


@dataclass(frozen=True)
class Medium:
    """What a BMC reads; its ``repr`` shows no content."""

    file: Path
    """What is shared; never changed once it is there."""
    patches: Mapping[int, bytes] = field(repr=False)
    """Offset -> bytes that stand there instead of those of the file."""
    seed: Spans
    """Where the seed of the machine lies."""

    @property
    def size(self) -> int:
        """Bytes in all."""
        return self.file.stat().st_size

    @property
    def tag(self) -> str:
        """Strong validator (RFC 9110 8.8.3): the same for the same bytes, in any process."""
        stat = self.file.stat()
        said = hashlib.sha256(f"{stat.st_mtime_ns} {stat.st_size}".encode())
        for offset, data in sorted(self.patches.items()):
            said.update(f" {offset} {len(data)} ".encode() + data)
        return f'"{said.hexdigest()[:32]}"'

    @property
    def modified(self) -> str:
        """When the shared file was made, as HTTP writes it."""
        return formatdate(self.file.stat().st_mtime, usegmt=True)

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from ``start`` to before ``stop``."""
        with self.file.open("rb") as file:
            data = bytearray(os.pread(file.fileno(), stop - start, start))
        for offset, patch in self.patches.items():
            low, high = max(offset, start), min(offset + len(patch), start + len(data))
            if low < high:
                data[low - start : high - start] = patch[low - offset : high - offset]
        return bytes(data)
