"""CAs of virtual media slots and of firmware, for personalities that keep some."""

from __future__ import annotations

from cryptography import x509

from bloomery.drivers.redfish.fake import FakeBmc, Refusal
from bloomery.drivers.redfish.fake.certificates import fingerprint
from bloomery.drivers.redfish.fake.refusal import missing
from bloomery.drivers.redfish.fake.slot_cas import FIRMWARE
from bloomery.lab.redfish.places import places
from bloomery.lab.redfish.reply import (
    ROOT,
    Call,
    Json,
    Reply,
    collection,
    link,
    only,
    resource,
    text,
)

VERIFY = "VerifyCertificate"


def declared(fake: FakeBmc, slot: str) -> Json:
    """Properties of a slot that are about it."""
    tls = "https" in fake.personality.media.schemes
    found: Json = {VERIFY: tls and fake.media.cas.verifies(slot)}
    return {**found, "Certificates": link(_store(fake, slot))} if fake.media.cas.keeps else found


def of_firmware(fake: FakeBmc) -> Json:
    """The link on Boot, where firmware starts from URLs."""
    there = fake.personality.habits.http_boot
    return {"Certificates": link(_store(fake, FIRMWARE))} if there else {}


def listed(fake: FakeBmc, slot: str) -> Json:
    """The collection. Raises Refusal (404)."""
    ids = [str(at) for at, _ in enumerate(_held(fake, slot), 1)]
    return collection(_store(fake, slot), "Certificate", "CAs of a medium", ids)


def one(fake: FakeBmc, slot: str, id_: str) -> Json:
    """One certificate. Raises Refusal (404)."""
    _held(fake, slot)
    pem = fake.media.cas.ca(slot, id_)
    return resource(
        f"{_store(fake, slot)}/{id_}",
        "Certificate.v1_8_2.Certificate",
        "CA of a medium",
        CertificateString=pem,
        CertificateType="PEM",
        Fingerprint=fingerprint(x509.load_pem_x509_certificate(pem.encode())),
        FingerprintHashAlgorithm="TPM_ALG_SHA256",
    )


def add(call: Call) -> Reply:
    """A POST to the collection."""
    slot = call.args[0]
    _held(call.fake, slot)
    only(call.body, "CertificateString", "CertificateType")
    if text(call.body, "CertificateType") != "PEM":
        message = "CertificateType is not PEM."
        raise Refusal(400, "PropertyValueNotInList", message, related="/CertificateType")
    id_ = call.fake.media.cas.add(slot, text(call.body, "CertificateString"))
    headers = {"Location": f"{ROOT}{_store(call.fake, slot)}/{id_}"}
    return Reply(201, one(call.fake, slot, id_), headers)


def verify(call: Call) -> None:
    """What a PATCH of a slot says of it. Raises Refusal (400)."""
    wanted = call.body[VERIFY]
    if not isinstance(wanted, bool) or not call.fake.media.cas.keeps:
        message = f"{VERIFY} cannot be set to this value."
        raise Refusal(400, "PropertyNotWritable", message, related=f"/{VERIFY}")
    call.fake.media.cas.set_verify(call.args[0], wanted)


def _held(fake: FakeBmc, slot: str) -> list[str]:
    name = slot if slot == FIRMWARE else fake.media.slot(slot).id
    keeps = fake.personality.habits.http_boot if slot == FIRMWARE else fake.media.cas.keeps
    if not keeps:
        raise missing(ROOT + _store(fake, slot))
    return list(fake.media.cas.of(name))


def _store(fake: FakeBmc, slot: str) -> str:
    at = places(fake.personality)
    return f"{at.system if slot == FIRMWARE else at.media}/{slot}/Certificates"
