"""A record in its DSSE envelope, signed and opened.

There is exactly one way to write an envelope down. Whoever changes a byte of the file
changes the signed payload, the signature, or that one way; all three are found.
"""

from __future__ import annotations

import json

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import FormatError, VerificationError
from securesystemslib.signer import Signer, SSlibKey  # type: ignore[attr-defined]  # public by its docs

from bloomery.errors import EvidenceError
from bloomery.evidence.canonical import canonical

PAYLOAD_TYPE = "application/vnd.in-toto+json"
"""Media type of an in-toto Statement (in-toto attestation framework, envelope layer)."""


def wrap(payload: bytes, signer: Signer) -> bytes:
    """The file of a record: ``payload`` in an envelope with one signature."""
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    envelope.sign(signer)
    return canonical(envelope.to_dict())


def unwrap(data: bytes, public_key: Ed25519PublicKey) -> bytes:
    """The payload, once it is proven to be signed by ``public_key``. Raises EvidenceError."""
    try:
        envelope = Envelope.from_dict(json.loads(data))
        same = canonical(envelope.to_dict()) == data
    except (ValueError, KeyError, TypeError, AttributeError, FormatError):
        raise EvidenceError("not a signed envelope") from None
    if envelope.payload_type != PAYLOAD_TYPE:
        raise EvidenceError(f"payload type is {envelope.payload_type!r}")
    try:
        envelope.verify([SSlibKey.from_crypto(public_key)], 1)
    except VerificationError:
        raise EvidenceError("signature does not match, or another key signed it") from None
    if not same or len(envelope.signatures) != 1:
        raise EvidenceError("the envelope is not in canonical form")
    return envelope.payload


def public_pem(public_key: Ed25519PublicKey) -> bytes:
    """The public key as it is kept beside the records and handed to auditors."""
    return public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def load_public_key(pem: bytes, source: str = "public key") -> Ed25519PublicKey:
    """An Ed25519 public key from PEM. Raises EvidenceError."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise EvidenceError("not an Ed25519 public key in PEM", subject=source)
    return key
