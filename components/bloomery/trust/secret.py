"""The site secret, and how every key is derived from it.

A key is HMAC-SHA-256(site secret, label | identity | epoch), so credentials and host
keys exist before the node does, and nothing per node is stored (RFC 2104; the
separator is a NUL byte, which no field can hold).
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from hashlib import sha256
from pathlib import Path
from string import hexdigits

from bloomery.errors import NotReadyError

SECRET_BYTES = 32
"""Length of the secret: the block of SHA-256's output, nothing to gain above it."""


class SiteSecret:
    """The opened secret. Its ``repr`` shows nothing."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "SiteSecret(...)"

    def derive(self, label: str, identity: str, epoch: int) -> bytes:
        """32 bytes for one use of one identity in one key epoch."""
        message = "\0".join((label, identity, str(epoch))).encode()
        return hmac.new(self._key, message, sha256).digest()


def open_secret(path: Path) -> SiteSecret:
    """Open the secret file. Raises NotReadyError when missing, short or readable by others."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        raise NotReadyError(
            f"no site secret at {path}", next_step='eval "$(bloomery env SITE)"'
        ) from None
    if mode & 0o077:
        raise NotReadyError(
            f"site secret {path} has mode {mode:04o}", next_step=f"chmod 600 {path}"
        )
    if len(text) != 2 * SECRET_BYTES or not set(text) <= set(hexdigits):
        raise NotReadyError(
            f"site secret {path} is not {SECRET_BYTES} bytes in hex",
            next_step="restore it from its backup: keys derived from it cannot be derived again",
        )
    return SiteSecret(bytes.fromhex(text))


def ensure_private_file(path: Path) -> bool:
    """Create ``path`` (0600) with a fresh random secret unless it exists.

    Returns whether it was created. Never changes an existing file.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(SECRET_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return True
