"""CAs that a slot of virtual media believes: put where the slot keeps certificates of its own.

DSP8010 has them as ``Certificates`` of VirtualMedia, and ``VerifyCertificate`` beside it; for a
boot over HTTPS by firmware as ``Certificates`` of Boot, and it always verifies. Stores of other
purposes are left alone: that of UpdateService is for firmware servers, and the trust store of
OpenBMC for clients that log in on the BMC.
"""

from __future__ import annotations

import re

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish.media import Slot
from bloomery.drivers.redfish.protocol import HTTP_BOOT, MediaTrust
from bloomery.drivers.redfish.tree import NO_SESSION, link, members, text
from bloomery.drivers.redfish.wire import Json, Wire
from bloomery.errors import DeviceError

STORE, VERIFY = "Certificates", "VerifyCertificate"
"""Properties of a slot."""

STARTS = (503,)
"""HTTP statuses of a BMC that is not ready yet; all others of a store say that it is no use."""

NOT_HEX = re.compile(r"[^0-9a-f]")


def store(slot: Slot) -> str:
    """Path of the certificates of a slot; empty where it keeps none."""
    return link(slot.resource.body, STORE)


def told(slot: Slot) -> str:
    """What the slot says of itself, in words."""
    if slot.way == HTTP_BOOT:
        return "firmware always verifies, by the CAs it has"
    says = slot.resource.body.get(VERIFY)
    if not isinstance(says, bool):
        return "the slot does not tell whether it verifies"
    return f"the slot says that it {'verifies' if says else 'does not verify'}"


def believe(wire: Wire, slot: Slot, ca: str) -> MediaTrust:
    """Put a CA (PEM) into the store of a slot, unless it is there, and have the slot verify by it.

    What the slot has no place for, or refuses, is told and no error: such a BMC reads as before.
    """
    path, wanted = store(slot), x509.load_pem_x509_certificate(ca.encode())
    if not path:
        return MediaTrust(verifies=False, why=f"no place for a CA; {told(slot)}")
    try:
        if not _there(wire, path, wanted):
            wire.post(path, {"CertificateString": ca, "CertificateType": "PEM"})
            if not any(_there(wire, path, wanted) for _ in wire.pace.looks(wire.pace.settle)):
                return MediaTrust(verifies=False, why=f"{path} accepted the CA and lost it")
        return _switched_on(wire, slot, path)
    except sushy_errors.HTTPError as error:
        if error.status_code == NO_SESSION or error.status_code in STARTS:
            raise
        said = error.detail or "no reason given"
        return MediaTrust(verifies=False, why=f"{path}: HTTP {error.status_code}: {said}")
    except DeviceError as error:
        if type(error) is not DeviceError:  # the BMC itself is away, or busy
            raise
        return MediaTrust(verifies=False, why=f"{path}: {error.reason}")


def _switched_on(wire: Wire, slot: Slot, path: str) -> MediaTrust:
    """Have the slot verify, and read that it does."""
    at = slot.resource.path
    if slot.way == HTTP_BOOT:
        return MediaTrust(verifies=True, why=f"by the site CA in {path}, as firmware always does")
    if slot.resource.body.get(VERIFY) is not True:
        wire.patch(at, {VERIFY: True})
        if not any(
            wire.get(at).body.get(VERIFY) is True for _ in wire.pace.looks(wire.pace.settle)
        ):
            return MediaTrust(verifies=False, why=f"{at} accepted {VERIFY} and does not show it")
    return MediaTrust(verifies=True, why=f"by the site CA in {path}")


def _there(wire: Wire, path: str, wanted: x509.Certificate) -> bool:
    return any(_same(wire.get(one).body, wanted) for one in members(wire, path))


def _same(body: Json, wanted: x509.Certificate) -> bool:
    """Whether a Certificate resource is ``wanted``: by its text, else by what it tells of it."""
    try:
        found = x509.load_pem_x509_certificates(text(body, "CertificateString").encode())
    except ValueError:
        found = []  # some leave the text out once it is in
    if found:
        return wanted in found
    hashed = NOT_HEX.sub("", text(body, "Fingerprint").lower())
    if len(hashed) == 2 * SHA256.digest_size:
        return hashed == wanted.fingerprint(SHA256()).hex()
    number = NOT_HEX.sub("", text(body, "SerialNumber").lower()).lstrip("0")
    return number == f"{wanted.serial_number:x}"
