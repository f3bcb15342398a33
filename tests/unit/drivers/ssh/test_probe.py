"""The probe against a real ssh server, with strict host keys."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import paramiko
import pytest

from bloomery.drivers.ssh.client import PROBE, probe, read_facts
from bloomery.drivers.ssh.protocol import HostFacts, Login
from bloomery.errors import CredentialRefused, NotTrusted, UnknownState, Unreachable
from bloomery.lab.ghost_ssh import PROBE as GHOST_PROBE
from bloomery.lab.ghost_ssh import Answers, GhostSshd
from bloomery.trust.keys import host_key, login_key
from bloomery.trust.secret import SiteSecret

ADDRESS = "127.83.2.1"
SECRET = SiteSecret(bytes(range(32)))
HOST, USER = host_key(SECRET, "machine", 1), login_key(SECRET, "lab", 1)
RECORD = {"node": "n01", "site": "lab", "generation": 2, "image": "debian"}
SAID = json.dumps(RECORD) + "\nrunning\n"


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind((ADDRESS, 0))
        return int(sock.getsockname()[1])


@pytest.fixture
def serve(loop: asyncio.AbstractEventLoop) -> Iterator[Callable[..., Login]]:
    """Starts an ssh server; returns how it should be reached."""
    servers: list[GhostSshd] = []

    def start(said: str = SAID, keys: str = USER.public, key: str = HOST.private) -> Login:
        port = free_port()
        server = GhostSshd(ADDRESS, port, Answers("deploy", key, keys, said))

        async def open_it() -> None:
            server.open(loop)

        asyncio.run_coroutine_threadsafe(open_it(), loop).result(5)
        servers.append(server)
        return Login(ADDRESS, port, "deploy", HOST.public, USER.private)

    yield start

    async def close() -> None:
        for server in servers:
            server.close()

    asyncio.run_coroutine_threadsafe(close(), loop).result(5)


def test_host_is_known_and_read(serve: Callable[..., Login]) -> None:
    assert probe(serve(), 5) == HostFacts("n01", "lab", 2, "debian", booted=True)


def test_the_ghost_answers_the_very_command() -> None:
    assert PROBE.startswith(GHOST_PROBE.decode())


def test_another_host_key_is_never_logged_in_to(serve: Callable[..., Login]) -> None:
    login = serve(key=host_key(SECRET, "another", 1).private)
    with pytest.raises(NotTrusted, match="which was not derived for it") as caught:
        probe(login, 5)
    assert "SHA256:" in str(caught.value) and ADDRESS in str(caught.value)


def test_unknown_login_key_is_refused(serve: Callable[..., Login]) -> None:
    with pytest.raises(CredentialRefused, match="refused the site's login key for deploy"):
        probe(serve(keys=""), 5)
    with pytest.raises(CredentialRefused, match="for root"):
        probe(replace(serve(), user="root"), 5)


def test_nobody_listens() -> None:
    login = Login(ADDRESS, free_port(), "deploy", HOST.public, USER.private)
    with pytest.raises(Unreachable, match="ssh: ") as caught:
        probe(login, 2)
    assert USER.private.splitlines()[1] not in repr(login) + str(caught.value)


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_something_else_listens(says: bytes) -> None:
    """A silent listener and one that speaks another language are no answer."""
    with socket.create_server((ADDRESS, 0)) as server:
        held: list[socket.socket] = []

        def answer() -> None:
            connection, _ = server.accept()
            held.append(connection)
            connection.sendall(says)
            if says:
                connection.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        login = Login(ADDRESS, server.getsockname()[1], "deploy", HOST.public, USER.private)
        with pytest.raises(Unreachable):
            probe(login, 0.5)
        thread.join(5)
        for connection in held:
            connection.close()


def test_host_without_a_record_is_unknown(serve: Callable[..., Login]) -> None:
    with pytest.raises(UnknownState, match=r"has no readable /etc/bloomery/install\.json"):
        probe(serve("running\n"), 5)


@pytest.mark.parametrize(
    ("state", "booted"),
    [
        ("running", True),
        ("degraded", True),
        ("starting", False),
        ("maintenance", False),
        ("", False),
    ],
)
def test_states_of_systemd(state: str, booted: bool) -> None:
    assert read_facts(f"{json.dumps(RECORD)}\n{state}\n", ADDRESS).booted is booted


def test_what_the_root_file_system_is_on_and_secure_boot() -> None:
    said = f"{json.dumps(RECORD)}\nrunning\nroot: crypt raid1 part disk part disk\nsecure boot: 1\n"
    facts = read_facts(said, ADDRESS)
    assert facts.booted and facts.secure_boot is True
    assert facts.root == ("crypt", "disk", "disk", "part", "part", "raid1")
    unknown = read_facts(f"{json.dumps(RECORD)}\nrunning\nroot:\nsecure boot:\n", ADDRESS)
    assert unknown.booted and unknown.root == () and unknown.secure_boot is None
    assert read_facts(said.replace("boot: 1", "boot: 0"), ADDRESS).secure_boot is False


def test_record_needs_no_newline_and_may_be_long() -> None:
    assert read_facts(json.dumps(RECORD) + "running", ADDRESS).generation == 2
    assert read_facts(json.dumps(RECORD, indent=2) + "\nrunning", ADDRESS).booted


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]\nrunning", "null\nrunning", '{"node": "n01"}\nrunning', "{bad\nrunning"],
)
def test_unreadable_records(text: str) -> None:
    with pytest.raises(UnknownState):
        read_facts(text, ADDRESS)


def test_generation_that_is_no_number() -> None:
    with pytest.raises(UnknownState):
        read_facts(json.dumps({**RECORD, "generation": "two"}) + "\nrunning", ADDRESS)


class HangsUp(paramiko.Transport):
    """A client that is gone when the server's word reaches it."""

    def _parse_global_request(self, m: paramiko.Message) -> None:
        del m
        self.sock.close()


def test_who_asked_may_hang_up_before_the_answer(
    serve: Callable[..., Login], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", broken.append)
    login, known = serve(), set(threading.enumerate())
    client = HangsUp((ADDRESS, login.port))
    key = paramiko.Ed25519Key.from_private_key(io.StringIO(login.private_key))
    client.connect(username=login.user, pkey=key)
    with contextlib.suppress(OSError, EOFError):  # its own line is down too
        client.open_session().exec_command(PROBE)
    for thread in set(threading.enumerate()) - known:
        thread.join(5)
    assert not broken
