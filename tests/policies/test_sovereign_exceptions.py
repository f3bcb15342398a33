"""Exceptions: accepted for a while, by somebody, until a day."""

from __future__ import annotations

import datetime
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from pulumi_policy import EnforcementLevel
from test_sovereign_cases import arguments

TODAY = datetime.date(2026, 11, 21)
GOOD = {
    "rule": "site-clocks",
    "site": "lab",
    "subject": "case",
    "owner": "head of facility",
    "reason": "the clock is on order",
    "ends": datetime.date(2026, 12, 31),
}
NO_CLOCK = {
    "type": "bloomery:site:Site",
    "props": {
        "oobCidr": "10.20.0.0/16",
        "provisioningCidr": "10.40.0.0/16",
        "sovereignty": {"otCidr": "", "timeSources": []},
    },
}


@pytest.fixture
def exceptions(pack: ModuleType) -> ModuleType:
    import exceptions

    return exceptions


def waivers(exceptions: ModuleType, folder: Path, **changes: object) -> tuple[object, ...]:
    said = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    (folder / "clock.yaml").write_text(yaml.safe_dump(said))
    return exceptions.read_waivers(["site-clocks", "quotas"], folder)


def said(pack: ModuleType, given: tuple[object, ...], policy: str = "site-clocks") -> list[str]:
    found: list[str] = []
    for one in pack.policies(given, TODAY):
        if one.name == policy:
            one.validate(arguments(NO_CLOCK), lambda message, urn=None: found.append(message))
    return found


def test_without_an_exception_it_is_refused(pack: ModuleType) -> None:
    assert "names no time source" in said(pack, ())[0]


def test_an_exception_covers_the_finding_and_shows_it(
    pack: ModuleType, exceptions: ModuleType, tmp_path: Path
) -> None:
    given = waivers(exceptions, tmp_path)
    assert said(pack, given) == []
    (shown,) = said(pack, given, "exceptions-in-force")
    assert "site-clocks: the site names no time source" in shown
    assert "valid until 2026-12-31 (head of facility: the clock is on order)" in shown
    (policy,) = [one for one in pack.policies(given) if one.name == "exceptions-in-force"]
    assert policy.enforcement_level is EnforcementLevel.ADVISORY


@pytest.mark.parametrize(
    "changes", [{"site": "kyiv"}, {"subject": "other"}, {"rule": "quotas"}], ids=str
)
def test_an_exception_covers_nothing_else(
    pack: ModuleType, exceptions: ModuleType, tmp_path: Path, changes: dict[str, str]
) -> None:
    assert said(pack, waivers(exceptions, tmp_path, **changes))


def test_every_subject(pack: ModuleType, exceptions: ModuleType, tmp_path: Path) -> None:
    assert said(pack, waivers(exceptions, tmp_path, subject="*")) == []


def test_it_holds_on_its_last_day(pack: ModuleType, exceptions: ModuleType, tmp_path: Path) -> None:
    assert said(pack, waivers(exceptions, tmp_path, ends=TODAY)) == []


def test_expired_means_fail_twice(pack: ModuleType, exceptions: ModuleType, tmp_path: Path) -> None:
    """The finding is back, and the exception is one by itself, also where nothing else is."""
    given = waivers(exceptions, tmp_path, ends=TODAY - datetime.timedelta(days=1))
    expired, finding = said(pack, given)
    assert "exception clock.yaml expired on 2026-11-20" in expired
    assert "names no time source" in finding
    assert said(pack, given, "exceptions-in-force") == []


def test_expired_fails_although_the_finding_is_mended(
    pack: ModuleType, exceptions: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = waivers(exceptions, tmp_path, ends=TODAY - datetime.timedelta(days=1))
    facts = {"otCidr": "", "timeSources": ["10.40.0.5"]}
    monkeypatch.setitem(NO_CLOCK, "props", {**NO_CLOCK["props"], "sovereignty": facts})
    (only,) = said(pack, given)
    assert "renew or remove it" in only


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rule": "site-clock"}, "unknown rule 'site-clock'; rules: quotas, site-clocks"),
        ({"owner": None}, "owner is missing"),
        ({"reason": ""}, "reason is missing"),
        ({"ends": None}, "ends is missing"),
        ({"ends": "soon"}, "ends is 'soon', not a day"),
        ({"until": "2027"}, "unknown key 'until'"),
    ],
    ids=str,
)
def test_a_wrong_exception_stops_the_pack(
    exceptions: ModuleType, tmp_path: Path, changes: dict[str, object], says: str
) -> None:
    with pytest.raises(exceptions.PackError) as caught:
        waivers(exceptions, tmp_path, **changes)
    assert f"exceptions/clock.yaml: {says}" in str(caught.value)


def test_a_file_that_is_no_mapping(exceptions: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("- rule: quotas\n")
    with pytest.raises(exceptions.PackError, match="no mapping"):
        exceptions.read_waivers(["quotas"], tmp_path)


def test_the_exceptions_that_ship_are_sound(pack: ModuleType, exceptions: ModuleType) -> None:
    exceptions.read_waivers(pack.RULES)
