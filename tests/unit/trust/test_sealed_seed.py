"""Sealed seeds: the same bytes each time, and nothing of them without the key."""

from __future__ import annotations

import pytest

from bloomery.errors import NotTrusted
from bloomery.trust.sealed import KEY_LENGTH, seal, seal_key, unseal
from bloomery.trust.secret import SiteSecret

FILES = {"meta.json": b'{"node": "n01"}', "ssh_host_ed25519_key": b"\0secret\xff" * 40}
SECRET = SiteSecret(b"s" * 32)


def key(generation: int = 1, attempt: int = 1, machine: str = "m", epoch: int = 1) -> str:
    return seal_key(SECRET, machine, generation, attempt, epoch)


def test_what_is_sealed_is_opened_by_its_key() -> None:
    assert len(key()) == KEY_LENGTH
    assert unseal(key(), seal(key(), FILES)) == FILES


def test_same_bytes_each_time_and_others_for_every_attempt() -> None:
    assert seal(key(), FILES) == seal(key(), FILES)
    keys = {key(), key(generation=2), key(attempt=2), key(machine="o"), key(epoch=2), key(11, 1)}
    assert len(keys | {key(1, 11)}) == 7
    assert len({seal(one, FILES) for one in keys}) == 6


def test_nothing_of_it_shows() -> None:
    sealed = seal(key(), FILES)
    assert not [word for word in (b"secret", b"meta", b"n01", b"ssh") if word in sealed]


@pytest.mark.parametrize("at", [0, 15, 16, 40, -1])
def test_one_altered_bit_is_refused(at: int) -> None:
    sealed = bytearray(seal(key(), FILES))
    sealed[at] ^= 1
    with pytest.raises(NotTrusted, match="or was altered"):
        unseal(key(), bytes(sealed))


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (key(attempt=2), "sealed with another key"),
        ("", "has 0 bytes instead of 16"),
        (key()[:-4], "bytes instead of 16"),
        ("ü" * 22, "no base64url"),
    ],
)
def test_another_key_opens_nothing(other: str, reason: str) -> None:
    with pytest.raises(NotTrusted, match=reason):
        unseal(other, seal(key(), FILES))


def test_what_is_too_short_or_no_seed_is_refused() -> None:
    for sealed in (b"", b"x", b"x" * 15, b"x" * 600):
        with pytest.raises(NotTrusted, match="or was altered"):
            unseal(key(), sealed)
