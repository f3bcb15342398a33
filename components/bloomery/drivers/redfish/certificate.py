"""The certificate that a BMC presents, before anybody decides to trust it.

Only a TLS handshake: no byte of HTTP is sent. Older BMCs speak RSA key exchange and small keys, so
that the weakest security level is taken here; a connection that carries a login never is.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from bloomery.drivers.redfish.answers import speaking
from bloomery.drivers.redfish.transport import CONNECT_SECONDS
from bloomery.errors import Unreachable

HTTPS = 443
"""Port where an address names none."""


@dataclass(frozen=True)
class Presented:
    """A leaf certificate as it was presented."""

    sha256: str
    """Fingerprint of the DER form, hex: what a delivery list pins."""
    subject: str
    """As RFC 4514 writes it; empty where the certificate names nobody."""
    not_after: datetime
    """End of its validity, UTC."""


def presented(address: str, seconds: float = CONNECT_SECONDS) -> Presented:
    """Shake hands with ``host`` or ``host:port``. Raises Unreachable or NotTrusted."""
    place = urlsplit(f"https://{address}")
    with speaking(address):
        der = _leaf(str(place.hostname), place.port or HTTPS, seconds, address)
        leaf = x509.load_der_x509_certificate(der)
        return Presented(
            leaf.fingerprint(hashes.SHA256()).hex(),
            leaf.subject.rfc4514_string(),
            leaf.not_valid_after_utc,
        )


def _leaf(host: str, port: int, seconds: float, address: str) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        with (
            socket.create_connection((host, port), seconds) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            return secure.getpeercert(binary_form=True) or b""
    except OSError as error:
        raise Unreachable(f"no TLS there: {error}", subject=address) from error
