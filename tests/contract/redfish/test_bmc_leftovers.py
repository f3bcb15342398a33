"""Sessions a killed provider left behind."""

from __future__ import annotations

import pytest

from bloomery.errors import SessionEnded


def test_own_leftovers_are_ended_and_nobody_elses(rig) -> None:
    left = rig.login()
    rig.do(lambda: rig.fake.sessions.open("admin", "left-the-factory-1"))
    mine = rig.login()
    mine.end_other_sessions()
    assert rig.do(lambda: len(rig.fake.sessions.all())) == 1
    assert "BLM0042" in mine.facts().serials.values()
    with pytest.raises(SessionEnded):
        left.facts()


def test_sessions_of_other_accounts_stay(rig) -> None:
    def another_account() -> None:
        accounts = rig.fake.state.accounts
        accounts["watcher"] = accounts["admin"].model_copy()
        rig.fake.sessions.open("watcher", "left-the-factory-1")

    rig.do(another_account)
    rig.login().end_other_sessions()
    users = rig.do(lambda: sorted(session.user for session in rig.fake.sessions.all()))
    assert users == ["admin", "watcher"]


def test_a_bmc_that_does_not_tell_is_no_error(rig) -> None:
    bmc = rig.login()
    rig.do(lambda: rig.fake.faults.apply("http", status=503, count=1, path="/Session"))
    bmc.end_other_sessions()
    assert "BLM0042" in bmc.facts().serials.values()
