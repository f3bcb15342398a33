"""The wire to one BMC: TLS that is proven first, and requests that are sent once.

The certificate is looked at on every connection, right after the handshake and before
the first byte of HTTP, so that no credential reaches a BMC that is not the one meant.
"""

from __future__ import annotations

import ssl
from typing import NoReturn

from cryptography import x509
from cryptography.x509.oid import NameOID
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from sushy.connector import Connector
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

from bloomery.drivers.redfish.protocol import Trust
from bloomery.errors import NotTrusted

CONNECT_SECONDS = 10.0
"""How long to wait for a connection. A BMC on a quiet network answers in well under 1 s."""

READ_SECONDS = 60.0
"""How long to wait for an answer; Ironic's figure, from BMCs that think for half a minute."""

SHA256_HEX = 64
"""Length of a pin; urllib3 would also take the shorter MD5 and SHA-1."""


def pin(trust: Trust, address: str) -> str:
    """The pinned fingerprint in lower case without colons. Raises NotTrusted."""
    digits = trust.cert_sha256.replace(":", "").lower()
    if len(digits) != SHA256_HEX:
        raise NotTrusted(f"pin '{trust.cert_sha256}' is no SHA-256", subject=address)
    return digits


def check_serial(certificate: bytes, wanted: str, address: str) -> None:
    """Compare the subject's serialNumber of a DER certificate. Raises NotTrusted."""
    subject = x509.load_der_x509_certificate(certificate).subject
    names = subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    found = str(names[0].value) if names else ""
    if found != wanted:
        raise NotTrusted(
            f"the certificate is for chassis serial '{found}', not '{wanted}'",
            subject=address,
            next_step="check which machine has this BMC address",
        )


class TrustAdapter(HTTPAdapter):
    """Sends requests over connections whose certificate was checked.

    With a pin, the chain of the certificate does not matter and is not verified; without
    one, it must lead to ``ca_file`` and carry the address as IP SAN.
    """

    def __init__(self, trust: Trust, address: str) -> None:
        self._trust = trust
        self._address = address
        super().__init__(max_retries=0)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: object
    ) -> None:
        """Make connections that check, whatever pool they are in."""
        if self._trust.cert_sha256:
            pool_kwargs["assert_fingerprint"] = pin(self._trust, self._address)
        super().init_poolmanager(connections, maxsize, block, **pool_kwargs)
        manager: PoolManager = self.poolmanager
        pool = _pool(self._trust, self._address)
        manager.pool_classes_by_scheme = {"https": pool, "http": _NoPlainHttp}

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: object = None,
        cert: object = None,
        proxies: object = None,
    ) -> Response:
        """Send; how the chain is verified follows from the trust alone."""
        chain = False if self._trust.cert_sha256 else self._trust.ca_file
        return super().send(request, stream=stream, timeout=timeout, verify=chain)


def _pool(trust: Trust, address: str) -> type[HTTPConnectionPool]:
    class Checked(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            if trust.cert_sha256 or not trust.chassis_serial:
                return
            try:
                check_serial(_certificate(self.sock), trust.chassis_serial, address)
            except NotTrusted:
                self.close()
                raise

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Checked

    return Pool


def _certificate(sock: object) -> bytes:
    if not isinstance(sock, ssl.SSLSocket):
        raise NotTrusted("the connection has no TLS")
    return sock.getpeercert(binary_form=True) or b""


class _NoPlainHttp(HTTPConnectionPool):
    def _new_conn(self) -> NoReturn:
        raise NotTrusted("the BMC refers to an address without TLS")


class OnceConnector(Connector):  # type: ignore[misc]
    """sushy's connector without its silent repetitions.

    By itself sushy repeats a refused connection 3 times, a GET that met a 5xx up to 10
    times, and logs in again when a session ended. Here each call goes out once: who
    waits and who logs in again is decided where all nodes are seen.
    """

    def __init__(
        self, address: str, trust: Trust, *, connect_seconds: float, read_seconds: float
    ) -> None:
        super().__init__(
            f"https://{address}",
            verify=True,
            server_side_retries=1,  # its loop over connection errors then runs once
            default_request_timeout=read_seconds,
            connect_timeout=connect_seconds,
        )
        # sushy closes after every answer, for BMCs that choke on connections of hours. Reading
        # all facts takes a dozen answers, and a handshake costs more than all of them: so
        # a connection stays for calls that follow at once; ``Wire`` ends it.
        del self._session.headers["Connection"]
        self._session.trust_env = False  # no proxies, no .netrc, no CA from the environment
        adapter = TrustAdapter(trust, address)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def _op(self, method: str, path: str = "", **kwargs: object) -> Response:
        kwargs["server_side_retries_left"] = 0
        kwargs["allow_reauth"] = False
        kwargs.setdefault("allow_redirects", False)
        response: Response = super()._op(method, path, **kwargs)
        return response
