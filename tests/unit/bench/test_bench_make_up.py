"""Parts of ``make up``: read as they were written, and told when they were not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import fresh, make_up
from bench.row import BenchError


def test_no_timings_is_not_measured(tmp_path: Path) -> None:
    (row,) = make_up._last(tmp_path / "timings.json")
    assert (row.verdict, row.note) == ("not measured", "no timings yet; run make up")


@pytest.mark.parametrize(("seconds", "verdict"), [(200.0, "pass"), (300.0, "fail")])
def test_parts_and_their_total_are_held_against_the_target(
    tmp_path: Path, seconds: float, verdict: str
) -> None:
    timings = tmp_path / "timings.json"
    timings.write_text(json.dumps({"lab": 10.0, "pulumi-up": seconds}))
    *parts, total = make_up._last(timings)
    assert [part.what.strip() for part in parts] == ["lab", "pulumi-up"]
    assert total.ours.middle == 10.0 + seconds
    assert total.verdict == verdict


@pytest.mark.parametrize("text", ["", "[]", '{"lab": "long"}'])
def test_a_file_of_something_else_is_an_error(tmp_path: Path, text: str) -> None:
    timings = tmp_path / "timings.json"
    timings.write_text(text)
    with pytest.raises(BenchError):
        make_up.read_parts(timings)


def test_a_fresh_run_is_told_cold_and_cached(tmp_path: Path) -> None:
    record = tmp_path / "fresh.json"
    (missing,) = make_up._fresh(record)
    assert missing.verdict == "not measured"
    run = {"time": "2026-11-21T10:00:00+00:00", "parts": {"set-up": 300.0, "lab": 200.0}}
    record.write_text(json.dumps({"cold": run, "cached": run}))
    rows = {row.what: row for row in make_up._fresh(record)}
    assert rows["fresh make up, cold"].verdict == "pass"
    assert rows["fresh make up, cached"].verdict == "fail"
    assert rows["  manual steps"].verdict == "pass"


def test_a_fresh_run_is_given_no_cache_of_ours(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("BLOOMERY_CACHE", "/somewhere")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere")
    env = fresh.environment(tmp_path)
    assert env["HOME"] == str(tmp_path)
    assert "/somewhere" not in env.values()
    assert str(fresh.ROOT / ".venv" / "bin") not in env["PATH"].split(":")
