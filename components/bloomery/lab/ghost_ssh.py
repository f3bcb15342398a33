"""The ssh server of a ghost: one listening socket, one thread a login, one answer."""

from __future__ import annotations

import asyncio
import contextlib
import io
import socket
import threading
from dataclasses import dataclass, field

import paramiko
from paramiko import common

from bloomery.errors import LabError

PROBE = b"cat /etc/bloomery/install.json; "
"""How the command begins that the ssh driver's probe runs."""

NOT_FOUND = 127
"""Exit code of a shell that does not know the command (POSIX sh)."""

BACKLOG = 16
"""Logins that may wait: a provider probes one at a time, people try a few."""


@dataclass(frozen=True)
class Answers:
    """What the server knows. Its ``repr`` shows no key."""

    user: str
    host_key: str = field(repr=False)
    authorized_keys: str
    probe: str
    """Answer to the probe."""


class GhostSshd:
    """Listens on one address for as long as the ghost is on."""

    def __init__(self, address: str, port: int, answers: Answers) -> None:
        self._place = (address, port)
        self._answers = answers
        self._key = paramiko.Ed25519Key(file_obj=io.StringIO(answers.host_key))
        self._listening: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._logins: list[paramiko.Transport] = []

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listen. LabError when the address is taken or not on this machine."""
        try:
            listening = socket.create_server(self._place, backlog=BACKLOG)
        except OSError as error:
            raise LabError(f"cannot listen on {self._place}: {error}") from error
        listening.setblocking(False)
        self._listening, self._loop = listening, loop
        loop.add_reader(listening.fileno(), self._accept)

    def close(self) -> None:
        """Stop listening and drop every login."""
        if self._listening is not None and self._loop is not None:
            self._loop.remove_reader(self._listening.fileno())
            self._listening.close()
            self._listening = None
        for login in self._logins:
            login.close()
        self._logins.clear()

    def _accept(self) -> None:
        if self._listening is None:
            return
        try:
            connection, _ = self._listening.accept()
        except BlockingIOError:
            return
        connection.setblocking(True)
        self._logins = [login for login in self._logins if login.is_active()]
        transport = paramiko.Transport(connection)
        transport.add_server_key(self._key)
        transport.start_server(event=threading.Event(), server=_Doorman(self._answers))
        self._logins.append(transport)


class _Doorman(paramiko.ServerInterface):
    """Lets in the one user with a known key and answers the probe."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def get_allowed_auths(self, username: str) -> str:
        del username
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        known = {tuple(line.split()[:2]) for line in self._answers.authorized_keys.splitlines()}
        if username == self._answers.user and (key.get_name(), key.get_base64()) in known:
            return int(common.AUTH_SUCCESSFUL)
        return int(common.AUTH_FAILED)

    def check_channel_request(self, kind: str, chanid: int) -> int:
        del chanid
        if kind == "session":
            return int(common.OPEN_SUCCEEDED)
        return int(common.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED)

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        # The client is told "accepted" only after this returns, so another thread answers.
        threading.Thread(target=self._answer, args=(channel, command), daemon=True).start()
        return True

    def _answer(self, channel: paramiko.Channel, command: bytes) -> None:
        # The reply to this request is handled by the thread that says "accepted", and
        # after it: an answer that overtakes it looks to the client like a closed channel.
        channel.get_transport().global_request("keepalive@ghost", wait=True)
        with contextlib.suppress(EOFError, OSError):  # who asked may hang up at any word
            if command.strip().startswith(PROBE):
                channel.sendall(self._answers.probe.encode())
                channel.send_exit_status(0)
            else:
                channel.sendall_stderr(b"ghost: command not found\n")
                channel.send_exit_status(NOT_FOUND)
            channel.close()
