"""CAs of a slot on trees that tell little of what they hold."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from small_tree import SLOTS, SmallTree, at, listing, slot

from bloomery.drivers.redfish.protocol import MediaTrust
from bloomery.trust.ca import ensure_ca
from bloomery.trust.secret import SiteSecret

STORE = f"{SLOTS}/Disc/Certificates"


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ensure_ca(SiteSecret(b"m" * 32), "media", path, datetime.datetime.now(datetime.UTC))
    return path.read_text()


def told(ca: str, how: str) -> dict[str, object]:
    """A Certificate resource that tells so much of a CA."""
    known = x509.load_pem_x509_certificate(ca.encode())
    colons = ":".join(f"{byte:02X}" for byte in known.fingerprint(SHA256()))
    forms: dict[str, dict[str, object]] = {
        "text": {"CertificateString": ca.replace("\n", "\r\n")},
        "fingerprint": {"CertificateString": None, "Fingerprint": colons},
        "serial": {"SerialNumber": f"0x{known.serial_number:X}".replace("0x", "00:")},
        "other": {"Fingerprint": colons.replace(colons[:2], "00" if colons[:2] != "00" else "01")},
        "nothing": {},
    }
    return {"@odata.id": f"{STORE}/1", **forms[how]}


def asked_of(ca: str, how: str, *, verifies: object = True) -> tuple[list[str], MediaTrust]:
    """Writes of one attempt on a slot that holds such a certificate, and what came of it."""
    tree = SmallTree()
    tree.slots(slot("Disc", "CD", Certificates=at(STORE), VerifyCertificate=verifies))
    tree.add(listing(STORE, "1"))
    tree.add(told(ca, how))
    with tree.open() as bmc:
        said = bmc.believe_ca("Cd", ca)
        return [f"{method} {path.rpartition('/')[2]}" for method, path, _ in tree.asked], said


@pytest.mark.parametrize("how", ["text", "fingerprint", "serial"])
def test_ca_that_is_there_is_not_put_again(ca: str, how: str) -> None:
    asked, said = asked_of(ca, how)
    assert asked == []
    assert said == MediaTrust(verifies=True, why=f"by the site CA in {STORE}")


@pytest.mark.parametrize("how", ["other", "nothing"])
def test_another_is_no_reason_to_leave_it_out(ca: str, how: str) -> None:
    asked, said = asked_of(ca, how)
    assert asked == ["POST Certificates"]
    assert said.verifies


def test_verification_is_switched_on_and_read_back(ca: str) -> None:
    asked, said = asked_of(ca, "text", verifies=False)
    assert (asked, said.verifies) == (["PATCH Disc"], True), said


def test_store_that_is_linked_and_not_there(ca: str) -> None:
    tree = SmallTree()
    tree.slots(slot("Disc", "CD", Certificates=at(STORE), VerifyCertificate=False))
    with tree.open() as bmc:
        said = bmc.believe_ca("Cd", ca)
        assert said.why.startswith(f"{STORE}: HTTP 404")
        assert tree.asked == []
        parts = {one.part: one for one in bmc.describe().parts}
    assert parts["CAs of media"].taken == STORE
    assert parts["CAs of media"].why.endswith("the slot says that it does not verify")
