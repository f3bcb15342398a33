"""Hosts that do not answer, and a host that is not the one it should be."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import paramiko
import pytest

from bloomery.drivers.ansible import client
from bloomery.drivers.ansible.protocol import Job, Target

ADDRESS = "127.82.0.7"
PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - name: Look
      ansible.builtin.command: "true"
"""


@pytest.fixture
def stranger() -> Iterator[tuple[int, list[str]]]:
    """An ssh server with a key nobody expects. Yields its port and who tried to log in."""
    tried: list[str] = []

    class Server(paramiko.ServerInterface):
        def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
            tried.append(username)
            return paramiko.AUTH_FAILED

    listener = socket.create_server((ADDRESS, 0))
    key = paramiko.ECDSAKey.generate()

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(key)
            try:
                transport.start_server(server=Server())
            except (paramiko.SSHException, EOFError):
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1], tried
    listener.close()


def job(port: int, host_key: str) -> Job:
    login = paramiko.ECDSAKey.generate()
    private = _text(login)
    return Job("look", {"one": Target(ADDRESS, port, "deploy", host_key)}, private)


def _text(key: paramiko.PKey) -> str:
    import io

    out = io.StringIO()
    key.write_private_key(out)
    return out.getvalue()


async def test_another_host_key_is_unreachable_and_no_login_is_tried(content, stranger):
    (content / "playbooks/look.yml").write_text(PLAY)
    port, tried = stranger
    expected = paramiko.ECDSAKey.generate()
    told: list[str] = []
    line = f"{expected.get_name()} {expected.get_base64()}"
    result = await client.run(job(port, line), told.append)
    one = result.hosts["one"]
    assert (one.unreachable, one.converged) == (1, False)
    assert one.reason == "the host key is not the expected one"
    assert tried == []


async def test_a_host_that_refuses_is_unreachable(content):
    (content / "playbooks/look.yml").write_text(PLAY)
    with socket.create_server((ADDRESS, 0)) as listener:
        port = listener.getsockname()[1]
    result = await client.run(job(port, "ssh-ed25519 AAAA"), lambda _: None)
    assert result.hosts["one"].unreachable == 1
    assert "refused" in result.hosts["one"].reason
