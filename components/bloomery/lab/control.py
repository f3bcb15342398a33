"""How the command line talks to the daemon: one JSON object a line over a unix socket.

The socket stands in a directory only the owner can enter.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path

from bloomery.errors import LabError
from bloomery.lab.sockets import short_path

SOCKET_NAME = "control.sock"

ANSWER_SECONDS = 30.0
"""Longest request: a graceful power-off waits for a guest."""


def ask(
    directory: Path, operation: str, timeout: float = ANSWER_SECONDS, **fields: object
) -> Mapping[str, object]:
    """Ask the daemon. LabError when there is none, or when it refuses."""
    line = json.dumps({"op": operation, **fields}).encode() + b"\n"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            with short_path(directory / SOCKET_NAME) as path:
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
