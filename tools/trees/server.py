"""A recorded BMC over TLS on a loopback address."""

from __future__ import annotations

import datetime
import json
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import ClassVar

from bloomery.trust.ca import Leaf, ensure_ca, issue
from bloomery.trust.secret import SiteSecret
from trees.bmc import Answer, RecordedBmc

HOST = "127.80.2.1"
"""Loopback address of the servers: beside those of the other tests."""


@contextmanager
def serve(bmc: RecordedBmc, leaf: Leaf) -> Iterator[str]:
    """Serve until the block ends; gives ``host:port``."""

    class Handler(_Handler):
        answers = bmc

    server = _Server((HOST, 0), Handler)
    server.socket = _context(leaf).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_leaf() -> Leaf:
    """A certificate for the address, of a CA that is thrown away."""
    secret, now = SiteSecret(b"t" * 32), datetime.datetime.now(datetime.UTC)
    with tempfile.TemporaryDirectory() as folder:
        ca = Path(folder) / "ca.pem"
        ensure_ca(secret, "trees", ca, now)
        return issue(secret, "trees", ca, HOST, now, "")


def _context(leaf: Leaf) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(leaf.certificate + b"\n" + leaf.key)
        file.flush()
        context.load_cert_chain(file.name)
    return context


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind without asking a name server what the address is called."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: two would wait for each other's acknowledgement
    answers: ClassVar[RecordedBmc]

    def _do(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        data = json.loads(self.rfile.read(length) or b"{}")
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(self.answers.answer(self.command, self.path, headers, data))

    def _send(self, answer: Answer) -> None:
        raw = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if raw:
            self.send_header("Content-Type", "application/json")
        if answer.status != 204:
            self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = do_PATCH = do_DELETE = _do  # noqa: N815 # names of the library

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the table is the output."""
