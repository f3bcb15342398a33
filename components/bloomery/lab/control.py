"""How the command line talks to the daemon: one JSON object a line over a unix socket.

The socket stands in a directory only the owner can enter. It is reached through the
directory's descriptor, because a path in ``sun_path`` may not exceed 108 bytes (unix(7)).
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bloomery.errors import LabError

SOCKET_NAME = "control.sock"

ANSWER_SECONDS = 30.0
"""Longest request: a graceful power-off waits for a guest."""


@contextmanager
def _short(directory: Path) -> Iterator[str]:
    """A short path to the socket in ``directory``."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}/{SOCKET_NAME}"
    finally:
        os.close(handle)


def listen(directory: Path) -> socket.socket:
    """The daemon's end; replaces a socket that a dead daemon left."""
    (directory / SOCKET_NAME).unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _short(directory) as path:
        listening.bind(path)
    listening.listen()
    listening.setblocking(False)
    return listening


def ask(
    directory: Path, operation: str, timeout: float = ANSWER_SECONDS, **fields: object
) -> Mapping[str, object]:
    """Ask the daemon. LabError when there is none, or when it refuses."""
    line = json.dumps({"op": operation, **fields}).encode() + b"\n"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            with _short(directory) as path:
                connection.connect(path)
            connection.sendall(line)
            with connection.makefile("rb") as stream:
                answer = json.loads(stream.readline() or b"{}")
    except (OSError, ValueError) as error:
        raise LabError(
            f"the lab does not answer ({error})", next_step="bloomery lab up SITE"
        ) from error
    if not isinstance(answer, dict) or "error" in answer or not answer:
        told = answer if isinstance(answer, dict) else {}
        raise LabError(
            str(told.get("error", "the lab closed the connection")),
            next_step=str(told.get("next", "")),
        )
    return answer
