"""Unix sockets of any directory: a path in ``sun_path`` may not exceed 108 bytes (unix(7)).

A state directory may lie deeper than that, so a socket is reached through the descriptor of the
directory it stands in.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """A short path to the socket ``path``, good for as long as the context lasts."""
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}/{path.name}"
    finally:
        os.close(handle)


def listen(path: Path) -> socket.socket:
    """A socket that listens at ``path``; replaces one that a dead process left."""
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with short_path(path) as short:
        listening.bind(short)
    listening.listen()
    listening.setblocking(False)
    return listening
