"""Factory passwords: sealed one by one, opened by serial, with one secret only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bloomery.errors import CredentialRefused, NotReadyError
from bloomery.trust.factory import factory_login, write_factory
from bloomery.trust.secret import SiteSecret

SECRET = SiteSecret(bytes(range(32)))
LOGINS = {"S1": "admin:first-1", "S2": "root:with:colons:2"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "state" / "factory.json"
    write_factory(SECRET, "lab", place, LOGINS)
    return place


def test_opened_by_serial(path: Path) -> None:
    assert factory_login(SECRET, "lab", path, "S1") == ("admin", "first-1")
    assert factory_login(SECRET, "lab", path, "S2") == ("root", "with:colons:2")


def test_nothing_is_readable_without_the_secret(path: Path) -> None:
    text = path.read_text()
    assert set(json.loads(text)) == {"S1", "S2"}
    for login in LOGINS.values():
        assert not [part for part in login.split(":") if len(part) > 3 and part in text]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [place.name for place in path.parent.iterdir()] == ["factory.json"]


@pytest.mark.parametrize(("secret", "site"), [(SiteSecret(bytes(32)), "lab"), (SECRET, "kyiv")])
def test_another_secret_or_site_opens_nothing(path: Path, secret: SiteSecret, site: str) -> None:
    with pytest.raises(NotReadyError, match="was sealed with another site secret"):
        factory_login(secret, site, path, "S1")


def test_tampered_entry_is_refused(path: Path) -> None:
    sealed = json.loads(path.read_text())
    sealed["S1"] = sealed["S2"][:-4] + "AAAA"
    path.write_text(json.dumps(sealed))
    with pytest.raises(NotReadyError):
        factory_login(SECRET, "lab", path, "S1")


def test_unknown_serial_and_missing_file(path: Path, tmp_path: Path) -> None:
    with pytest.raises(CredentialRefused, match="no factory password for serial S9"):
        factory_login(SECRET, "lab", path, "S9")
    with pytest.raises(NotReadyError, match="no factory passwords at"):
        factory_login(SECRET, "lab", tmp_path / "none.json", "S1")


@settings(max_examples=30, deadline=None)
@given(st.text("abc-:é ", max_size=20))
def test_any_password_comes_back(tmp_path_factory: pytest.TempPathFactory, password: str) -> None:
    path = tmp_path_factory.mktemp("any") / "factory.json"
    write_factory(SECRET, "lab", path, {"S1": f"admin:{password}"})
    assert factory_login(SECRET, "lab", path, "S1") == ("admin", password)
