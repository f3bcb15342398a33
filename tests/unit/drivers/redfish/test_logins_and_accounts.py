"""Logins as BMCs have them: sessions, basic authentication, a password to change first."""

from __future__ import annotations

import pytest
from small_tree import ACCOUNT, PASSWORD, USER, V1, SmallTree

from bloomery.errors import Busy, CredentialRefused, PasswordExpired, Unsupported
from trees.bmc import Answer

NEW = "Derived-9pass-7z"


@pytest.fixture
def tree() -> SmallTree:
    return SmallTree()


def test_basic_authentication_where_there_are_no_sessions(tree):
    for name in ("SessionService", "Links"):
        tree[V1].pop(name)
    with tree.open() as bmc:
        assert bmc.facts().power == "On"
        with pytest.raises(CredentialRefused):
            tree.login("wrong")


def test_session_that_gives_no_token_is_basic(tree):
    with tree.open():
        answer = tree.served.answer
        tree.served.answer = lambda method, path, headers, data: (
            Answer(201, {}) if method == "POST" else answer(method, path, headers, data)
        )
        tree.login().facts()


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "The maximum number of user sessions is reached."),
        (400, "RAC0218: no session can be opened."),
        (503, "SessionLimitExceeded"),
    ],
)
def test_session_limit_is_no_wrong_password(tree, status, message):
    error = {"error": {"@Message.ExtendedInfo": [{"Message": message, "Severity": "Critical"}]}}
    with tree.open():
        tree.served.answer = lambda method, path, headers, data: (
            Answer(status, error) if method == "POST" else Answer(200, tree[V1])
        )
        with pytest.raises(Busy):
            tree.login()


def test_password_changes_and_the_old_one_is_refused(tree):
    with tree.open() as bmc:
        assert bmc.password_expired() is False
        bmc.set_password(USER, NEW)
        tree.login(NEW).close()
        with pytest.raises(CredentialRefused):
            tree.login(PASSWORD)


def test_account_that_is_not_there(tree):
    with tree.open() as bmc, pytest.raises(Unsupported, match="no account 'nobody'"):
        bmc.set_password("nobody", NEW)


@pytest.mark.parametrize("named", [True, False])
def test_factory_password_is_changed_before_anything_is_read(tree, named):
    tree.first = True
    if not named:  # then it is where OpenBMC has it
        tree.drop(ACCOUNT)
        path = f"{V1}/AccountService/Accounts/{USER}"
        tree.add({"@odata.id": path, "UserName": USER})
        tree[f"{V1}/AccountService/Accounts"]["Members"] = [{"@odata.id": path}]
    with tree.open() as bmc:
        if not named:
            _without_arguments(tree)
        assert bmc.password_expired() is True
        with pytest.raises(PasswordExpired):
            bmc.facts()
        bmc.set_password(USER, NEW)
        again = tree.login(NEW)
        assert again.password_expired() is False
        assert again.facts().power == "On"


def _without_arguments(tree: SmallTree) -> None:
    answer = tree.served.answer

    def bare(method, path, headers, data):
        said = answer(method, path, headers, data)
        if said.status == 403:
            said.body["error"]["@Message.ExtendedInfo"][0].pop("MessageArgs")
        return said

    tree.served.answer = bare


@pytest.mark.parametrize("tag", ['W/"1"', '"1"'])
def test_account_that_wants_an_etag(tree, tag):
    tree[ACCOUNT]["@odata.etag"] = tag
    with tree.open() as bmc:
        bmc.set_password(USER, NEW)
        tree.login(NEW).close()
