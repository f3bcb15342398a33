"""Seeds sealed for one attempt to install one machine, where a medium is read without TLS.

The key is 16 bytes that the machine is given in-band, by its BMC. Sealing is AES-SIV (RFC 5297)
under 64 bytes made of them by HKDF-SHA-256 (RFC 5869): whoever lacks the key can neither read nor
change the seed, and the same seed is sealed to the same bytes, as a medium that is offered again
must be.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bloomery.errors import NotTrusted
from bloomery.trust.secret import SiteSecret

KEY_BYTES = 16
"""Of chance in a key: more is nothing for AES, and would not fit into an asset tag."""

KEY_LENGTH = 22
"""Characters of a key as it is written: base64url without padding."""

PURPOSE = b"bloomery sealed seed 1"
"""Binds what is sealed, and the key that is made, to this use and form."""

SIV_BYTES = 64
"""AES-SIV with two keys of AES-256."""


def seal_key(secret: SiteSecret, machine: str, generation: int, attempt: int, epoch: int) -> str:
    """Key of one attempt; ``machine`` is the system UUID."""
    raw = secret.derive("medium-seal", f"{machine}|{generation}|{attempt}", epoch)[:KEY_BYTES]
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def seal(key: str, files: Mapping[str, bytes]) -> bytes:
    """File name -> content, in one sealed piece."""
    plain = {name: base64.b64encode(data).decode() for name, data in files.items()}
    return _siv(key).encrypt(json.dumps(plain, sort_keys=True).encode(), [PURPOSE])


def unseal(key: str, sealed: bytes) -> dict[str, bytes]:
    """What was sealed. Raises NotTrusted for another key, and where one bit is another."""
    try:
        plain = json.loads(_siv(key).decrypt(sealed, [PURPOSE]))
    except (InvalidTag, ValueError) as error:
        raise NotTrusted("the seed is sealed with another key, or was altered") from error
    return {name: base64.b64decode(data) for name, data in plain.items()}


def _siv(key: str) -> AESSIV:
    try:
        raw = base64.urlsafe_b64decode(key + "==")
    except (binascii.Error, ValueError) as error:
        raise NotTrusted("the key of the seed is no base64url") from error
    if len(raw) != KEY_BYTES:
        raise NotTrusted(f"the key of the seed has {len(raw)} bytes instead of {KEY_BYTES}")
    return AESSIV(HKDF(SHA256(), SIV_BYTES, salt=None, info=PURPOSE).derive(raw))
