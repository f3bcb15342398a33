"""The site CA: one derived key, one stored certificate, leaves made when needed."""

from __future__ import annotations

import datetime
import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bloomery.errors import NotReadyError
from bloomery.trust.secret import SiteSecret

CA_YEARS = 10
"""Life of the CA certificate; longer than a generation of nodes."""

LEAF_DAYS = 397
"""Life of a leaf: the longest that common clients accept (CA/Browser Forum BR 6.3.2)."""

RSA_BITS = 2048
"""Key of an RSA leaf: the least that is good beyond 2030 is 112 bits of strength (NIST SP
800-57), and the most that the processor of an old BMC verifies without a pause."""

LeafKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
"""Key that a leaf can have."""


@dataclass(frozen=True)
class Leaf:
    """A certificate with its key, both PEM."""

    certificate: bytes
    key: bytes = field(repr=False)
    sha256: str
    """Fingerprint of the DER certificate, hex."""


def _ca_key(secret: SiteSecret, site: str) -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(secret.derive("site-ca", site, 1), "big")
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    return ec.derive_private_key(number % (order - 1) + 1, ec.SECP256R1())


def _name(common: str, serial: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if serial:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial))
    return x509.Name(parts)


def ensure_ca(secret: SiteSecret, site: str, path: Path, now: datetime.datetime) -> bool:
    """Write the CA certificate to ``path`` unless it is there. Returns whether it was made."""
    if path.exists():
        return False
    key = _ca_key(secret, site)
    name = _name(f"bloomery site CA {site}")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=365 * CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(ca=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_bytes(certificate.public_bytes(Encoding.PEM))
    os.replace(draft, path)
    return True


def _usage(*, ca: bool = False, encipher: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=encipher,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def rsa_key() -> rsa.RSAPrivateKey:
    """A key for readers that know RSA suites only, as the TLS of older BMCs does."""
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def issue(
    secret: SiteSecret,
    site: str,
    ca: Path,
    address: str,
    now: datetime.datetime,
    chassis_serial: str = "",
    key: LeafKey | None = None,
) -> Leaf:
    """Issue a server certificate for an IP address, with the machine's serial in the subject.

    Without a ``key`` it gets a new one on P-256. Raises NotReadyError where ``ca`` is the
    certificate of another secret's CA: nobody who trusts it would take what is signed here.
    """
    issuer = x509.load_pem_x509_certificate(ca.read_bytes())
    signer = _ca_key(secret, site)
    if issuer.public_key() != signer.public_key():
        raise NotReadyError(
            f"{ca} is not the CA of this site's secret",
            next_step="restore the secret it was made with, or remove the file",
        )
    key = key or ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(address, chassis_serial))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=LEAF_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(encipher=isinstance(key, rsa.RSAPrivateKey)), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    return Leaf(
        certificate.public_bytes(Encoding.PEM),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        certificate.fingerprint(hashes.SHA256()).hex(),
    )
