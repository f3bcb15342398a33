"""CertificateService: the certificate the BMC shows, and its replacement."""

from __future__ import annotations

from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bloomery.drivers.redfish.fake.refusal import Refusal
from bloomery.drivers.redfish.fake.state import Board


class Certificates:
    """The one HTTPS certificate of a BMC."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._first = ""
        self._watcher: Callable[[], None] | None = None

    def present(self, certificate: bytes, key: bytes, watcher: Callable[[], None]) -> None:
        """Set the certificate of the factory; ``watcher`` is told of each replacement."""
        self._first = certificate.decode() + key.decode()
        self._watcher = watcher

    def bundle(self) -> str:
        """Certificate and key in use, PEM. Raises Refusal (404) before one is set."""
        text = self._board.state.certificate or self._first
        if not text:
            raise Refusal(404, "ResourceMissingAtURI", "This BMC has no certificate yet.")
        return text

    def shown(self) -> x509.Certificate:
        """The certificate in use."""
        return x509.load_pem_x509_certificate(self.bundle().encode())

    def replace(self, bundle: str) -> None:
        """Use another certificate from now on; PEM with its key. Raises Refusal (400)."""
        try:
            certificate = x509.load_pem_x509_certificate(bundle.encode())
            key = load_pem_private_key(bundle.encode(), password=None)
        except (ValueError, TypeError) as exc:
            text = f"CertificateString is not a PEM certificate with its key: {exc}"
            raise Refusal(
                400, "PropertyValueFormatError", text, related="/CertificateString"
            ) from exc
        if key.public_key() != certificate.public_key():
            text = "The key in CertificateString is not the certificate's."
            raise Refusal(400, "PropertyValueIncorrect", text, related="/CertificateString")
        self._board.state.certificate = bundle
        self._board.changed()
        self.reload()

    def reload(self) -> None:
        """Tell the front that the certificate changed."""
        if self._watcher is not None:
            self._watcher()


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER certificate, hex in upper case with colons, as Redfish shows it."""
    digest = certificate.fingerprint(SHA256()).hex().upper()
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
