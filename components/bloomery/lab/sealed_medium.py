"""What an installer does with a medium that was read without TLS: open its seed, prove its files.

The key is in the asset tag that the machine's firmware shows. Without one a seed is taken as it is:
then it came over TLS. With one nothing else is taken, or whoever can change what is read could
put a plain seed in its place.
"""

from __future__ import annotations

import hashlib
import json
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from bloomery.errors import LabError, NotTrusted
from bloomery.lab.medium import Seed, read_iso, read_seed, seed_of
from bloomery.trust.sealed import unseal

KEYED = re.compile(r"(bloomery/[^/]+/g\d+-installing)/([A-Za-z0-9_-]{22})")
"""An asset tag that brings a key."""

SEALED, MANIFEST, SIGNATURE = "seed.sealed", "medium.json", "medium.sig"
"""Files of such a medium."""


def key_of(asset_tag: str) -> str:
    """The key that an asset tag brings; empty where it brings none."""
    match = KEYED.fullmatch(asset_tag.strip())
    return match[2] if match else ""


def shown(asset_tag: str) -> str:
    """The tag without it."""
    match = KEYED.fullmatch(asset_tag.strip())
    return match[1] if match else asset_tag


def open_seed(image: bytes, key: str) -> Seed:
    """The seed on ``image``, opened and proven with all files beside it where there is a key.

    LabError when it is refused.
    """
    if not key:
        return read_seed(image)
    _, files = read_iso(image)
    if SEALED not in files:
        raise LabError("refused: the machine was given a key, and the seed is not sealed")
    try:
        opened = unseal(key, files[SEALED])
    except NotTrusted as error:
        raise LabError(f"refused: {error.reason}") from error
    digest = opened.pop("medium.sha256", b"").decode()
    if hashlib.sha256(files.get(MANIFEST, b"")).hexdigest() != digest:
        raise LabError("refused: the seed is for a medium with another manifest")
    _prove(files, opened.get("medium.pub", b""))
    return seed_of(opened)


def _prove(files: dict[str, bytes], public: bytes) -> None:
    """Every file is as the manifest says, the manifest is signed, and nothing else is there."""
    manifest, signature = files.get(MANIFEST, b""), files.get(SIGNATURE, b"")
    try:
        key = load_pem_public_key(public)
        if not isinstance(key, Ed25519PublicKey):
            raise LabError("refused: the seed brings no Ed25519 key of the medium")
        key.verify(signature, manifest)
        wanted = json.loads(manifest)["files"]
    except (InvalidSignature, ValueError, KeyError) as error:
        raise LabError("refused: the manifest is not signed by this site") from error
    own = {SEALED, MANIFEST, SIGNATURE}
    found = {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name not in own
    }
    for name in sorted({*wanted, *found}):
        if wanted.get(name) != found.get(name):
            raise LabError(f"refused: {name} is not as the manifest says")
