"""Keys derived from the site secret: the same for ever, and different wherever they must be."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bloomery.errors import NotReadyError
from bloomery.trust.keys import (
    BMC_PASSWORD_LENGTH,
    bmc_password,
    host_key,
    login_key,
    signing_key,
)
from bloomery.trust.secret import SiteSecret, ensure_private_file, open_secret

SECRET = SiteSecret(bytes(range(32)))
MACHINE = "6d0f7a10-5c1e-4b8a-9a53-770100000001"
VECTORS = {
    "derive": "6810d399400acd41f19da21bbcb3bef850baf5b53c04b8815bd7c73f13b6c166",
    "password": "NAINHGKAblgud4m5-7zQ",
    "host": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIduOndd4wtLgYN1F4jvVciyqissPMLaT7RRAnQvIDBL",
    "login": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBu89qq7UZfOoQhvHNGZbEDKzkesrY/qN/G2hO+MgUT3",
    "sign": "e4a30d45c49877e0cb1624d8a0eba4fcb5375e32cf2488de5c74a9f6c3a5813a",
}
"""Of the secret 00 01 02 .. 1f."""

FIELDS = st.text(st.characters(blacklist_characters="\0", codec="utf-8"), max_size=12)


def test_vectors() -> None:
    """A change here locks every BMC and host out that was set up before."""
    assert SECRET.derive("bmc", MACHINE, 1).hex() == VECTORS["derive"]
    assert bmc_password(SECRET, MACHINE, 1) == VECTORS["password"]
    assert host_key(SECRET, MACHINE, 1).public == VECTORS["host"]
    assert login_key(SECRET, "lab", 1).public == VECTORS["login"]
    assert signing_key(SECRET, "lab").public_key().public_bytes_raw().hex() == VECTORS["sign"]


def test_each_use_machine_and_epoch_has_its_own() -> None:
    keys = {
        host_key(SECRET, MACHINE, 1).public,
        host_key(SECRET, MACHINE, 2).public,
        host_key(SECRET, MACHINE[:-1] + "2", 1).public,
        login_key(SECRET, MACHINE, 1).public,
        host_key(SiteSecret(bytes(32)), MACHINE, 1).public,
    }
    assert len(keys) == 5


@given(st.tuples(FIELDS, FIELDS, st.integers(1, 99)), st.tuples(FIELDS, FIELDS, st.integers(1, 99)))
def test_no_two_uses_share_a_key(one: tuple[str, str, int], two: tuple[str, str, int]) -> None:
    """Nothing moves over the separators between label, identity and epoch."""
    if one != two:
        assert SECRET.derive(*one) != SECRET.derive(*two)


@settings(max_examples=200)
@given(st.uuids(), st.integers(1, 50))
def test_every_vendor_takes_the_password(machine, epoch: int) -> None:
    password = bmc_password(SECRET, str(machine), epoch)
    assert len(password) == BMC_PASSWORD_LENGTH
    for kind in (string.ascii_uppercase, string.ascii_lowercase, string.digits, "-"):
        assert set(password) & set(kind)
    assert set(password) <= set(string.ascii_letters + string.digits + "-")


def test_the_end_alone_holds_every_kind_of_character() -> None:
    from bloomery.trust.keys import CHARACTER_KINDS

    for kind in (string.ascii_uppercase, string.ascii_lowercase, string.digits, "-"):
        assert set(CHARACTER_KINDS) & set(kind)


def test_private_halves_open_and_never_show() -> None:
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    key = host_key(SECRET, MACHINE, 1)
    load_ssh_private_key(key.private.encode(), None)
    assert key.private.splitlines()[1] not in repr(key) + str(key)
    assert repr(SECRET) == "SiteSecret(...)"
    assert bytes(range(32)).hex() not in f"{SECRET}{SECRET!r}{[SECRET]}"


def test_secret_file_is_made_once_and_for_nobody_else(tmp_path) -> None:
    path = tmp_path / "site" / "secret"
    assert ensure_private_file(path) is True
    text = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert len(text.strip()) == 64
    assert ensure_private_file(path) is False
    assert path.read_text() == text
    assert open_secret(path).derive("a", "b", 1) == open_secret(path).derive("a", "b", 1)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_secret_others_can_reach_is_refused(tmp_path, mode: int) -> None:
    path = tmp_path / "secret"
    ensure_private_file(path)
    path.chmod(mode)
    with pytest.raises(NotReadyError) as caught:
        open_secret(path)
    assert f"mode {mode:04o}" in str(caught.value) and f"chmod 600 {path}" in str(caught.value)


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "00" * 31, "00" * 33, "é" * 64, "0 " * 32])
def test_damaged_secret_is_named_and_not_shown(tmp_path, text: str) -> None:
    path = tmp_path / "secret"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(NotReadyError, match="is not 32 bytes in hex") as caught:
        open_secret(path)
    assert not text or text not in str(caught.value).replace(str(path), "").replace("0600", "")


def test_missing_secret_says_how_it_is_made(tmp_path) -> None:
    with pytest.raises(NotReadyError, match="no site secret at") as caught:
        open_secret(tmp_path / "secret")
    assert caught.value.next_step == 'eval "$(bloomery env SITE)"'
