"""The site CA and its leaves, judged by openssl as any client would."""

from __future__ import annotations

import datetime
import hashlib
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from bloomery.errors import NotReadyError
from bloomery.trust.ca import CA_YEARS, LEAF_DAYS, ensure_ca, issue
from bloomery.trust.secret import SiteSecret

SECRET = SiteSecret(bytes(range(32)))
NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "site-ca.pem"
    assert ensure_ca(SECRET, "lab", path, NOW) is True
    return path


def openssl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)


def verify(ca: Path, leaf: Path, *more: str) -> bool:
    strict = ("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", str(ca))
    return openssl(*strict, *more, str(leaf)).returncode == 0


def write(tmp_path: Path, pem: bytes) -> Path:
    path = tmp_path / "leaf.pem"
    path.write_bytes(pem)
    return path


def test_leaf_is_taken_for_its_address_and_no_other(tmp_path: Path, ca: Path) -> None:
    leaf = issue(SECRET, "lab", ca, "127.77.1.1", NOW, "LAB-R01-U01")
    path = write(tmp_path, leaf.certificate)
    assert verify(ca, path, "-verify_ip", "127.77.1.1")
    assert not verify(ca, path, "-verify_ip", "127.77.1.2")
    assert not verify(path, path), "a leaf is no CA"


def test_leaf_names_machine_key_and_fingerprint(ca: Path) -> None:
    leaf = issue(SECRET, "lab", ca, "127.77.1.1", NOW, "LAB-R01-U01")
    certificate = x509.load_pem_x509_certificate(leaf.certificate)
    names = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    assert [name.value for name in names] == ["LAB-R01-U01"]
    key = load_pem_private_key(leaf.key, None)
    assert key.public_key() == certificate.public_key()
    der = certificate.public_bytes(Encoding.DER)
    assert leaf.sha256 == hashlib.sha256(der).hexdigest()
    assert certificate.not_valid_after_utc - NOW == datetime.timedelta(days=LEAF_DAYS)
    assert certificate.not_valid_before_utc < NOW
    assert b"PRIVATE" not in repr(leaf).encode()
    plain = x509.load_pem_x509_certificate(issue(SECRET, "lab", ca, "127.77.0.1", NOW).certificate)
    assert not plain.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    other = issue(SECRET, "lab", ca, "127.77.1.1", NOW, "LAB-R01-U01")
    assert other.key != leaf.key, "each leaf has a key of its own"


def test_outdated_leaf_is_refused(tmp_path: Path, ca: Path) -> None:
    long_ago = NOW - datetime.timedelta(days=LEAF_DAYS + 1)
    path = write(tmp_path, issue(SECRET, "lab", ca, "127.77.1.1", long_ago).certificate)
    assert not verify(ca, path)


def test_ca_is_made_once_and_holds_no_key(ca: Path) -> None:
    text = ca.read_bytes()
    assert ensure_ca(SECRET, "lab", ca, NOW) is False
    assert ca.read_bytes() == text
    assert b"PRIVATE" not in text
    assert [path.name for path in ca.parent.iterdir()] == ["site-ca.pem"]
    certificate = x509.load_pem_x509_certificate(text)
    life = certificate.not_valid_after_utc - NOW
    assert life == datetime.timedelta(days=365 * CA_YEARS)
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)


def test_ca_key_is_derived(tmp_path: Path, ca: Path) -> None:
    again, elsewhere = tmp_path / "again.pem", tmp_path / "elsewhere.pem"
    ensure_ca(SECRET, "lab", again, NOW)
    ensure_ca(SECRET, "kyiv", elsewhere, NOW)
    keys = [x509.load_pem_x509_certificate(p.read_bytes()).public_key() for p in (ca, again)]
    assert keys[0] == keys[1], "a lost certificate is made again under the same key"
    other = x509.load_pem_x509_certificate(elsewhere.read_bytes()).public_key()
    assert other != keys[0]
    leaf = issue(SECRET, "lab", again, "127.77.1.1", NOW)
    assert verify(ca, write(tmp_path, leaf.certificate))


def test_ca_of_another_secret_signs_nothing(ca: Path) -> None:
    with pytest.raises(NotReadyError, match="is not the CA of this site's secret"):
        issue(SiteSecret(bytes(32)), "lab", ca, "127.77.1.1", NOW)
    with pytest.raises(NotReadyError):
        issue(SECRET, "kyiv", ca, "127.77.1.1", NOW)
