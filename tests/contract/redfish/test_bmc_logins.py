"""Logins: exactly one try, the lock-out counter, the session cap, the end of sessions."""

from __future__ import annotations

import pytest

from bloomery.drivers.redfish.fake.sessions import SESSION_CAP
from bloomery.errors import (
    Busy,
    CredentialRefused,
    LockedOut,
    PasswordExpired,
    SessionEnded,
    Unreachable,
)


def test_one_call_is_one_login_attempt(rig):
    rig.login()
    assert rig.fake.accounts.attempts == 1


def test_refused_login_is_tried_once(rig):
    with pytest.raises(CredentialRefused):
        rig.login("wrong")
    assert rig.fake.accounts.attempts == 1


def test_unknown_user_is_refused(rig):
    with pytest.raises(CredentialRefused):
        rig.login(user="root")


def test_lock_out_after_five_failures_and_its_end(rig):
    for _ in range(5):
        with pytest.raises(CredentialRefused):
            rig.login("wrong")
    with pytest.raises(LockedOut):
        rig.login()
    rig.clock.ahead += 301
    rig.login()


def test_good_login_clears_the_counter(rig):
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(CredentialRefused):
                rig.login("wrong")
        rig.login()


def test_quiet_time_clears_the_counter(rig):
    for _ in range(4):
        with pytest.raises(CredentialRefused):
            rig.login("wrong")
    rig.clock.ahead += 301
    with pytest.raises(CredentialRefused):
        rig.login("wrong")
    rig.login()


def test_session_cap_and_close_frees_a_place(rig):
    bmcs = [rig.login() for _ in range(SESSION_CAP)]
    with pytest.raises(Busy):
        rig.login()
    bmcs[0].close()
    rig.login()


def test_close_twice_is_quiet(rig, bmc):
    bmc.close()
    bmc.close()
    assert rig.do(lambda: len(rig.fake.sessions.all())) == 0


def test_idle_session_ends_and_nobody_logs_in_again_by_itself(rig, bmc):
    rig.clock.ahead += 1801
    with pytest.raises(SessionEnded):
        bmc.facts()
    assert rig.fake.accounts.attempts == 1


def test_used_session_stays(rig, bmc):
    for _ in range(3):
        rig.clock.ahead += 1000
        bmc.facts()


def test_bmc_reset_ends_sessions_and_takes_its_time(rig, bmc):
    bmc.reset_bmc()
    away = rig.fake.back_in()
    assert 0.088 <= away <= 0.240  # 88 to 240 s, at a thousandth
    with pytest.raises(Unreachable):
        bmc.facts()
    with pytest.raises(Unreachable):
        rig.login()
    rig.wait_back()
    with pytest.raises(SessionEnded):
        bmc.facts()
    rig.login().facts()


def test_close_of_a_bmc_that_is_away_is_quiet(rig, bmc):
    rig.do(lambda: rig.fake.reset_bmc("ForceRestart"))
    bmc.close()


def test_password_that_must_be_changed_before_anything_else(rig):
    assert rig.login().password_expired() is False
    rig.do(lambda: rig.fake.accounts.expire("admin"))
    bmc = rig.login()
    assert bmc.password_expired() is True
    with pytest.raises(PasswordExpired):
        bmc.facts()
    with pytest.raises(PasswordExpired):
        bmc.power("On")
    bmc.set_password("admin", "Derived-9pass-7z")
    again = rig.login("Derived-9pass-7z")
    assert again.password_expired() is False
    assert again.facts().power == "Off"
