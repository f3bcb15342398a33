"""Parts of ``make up``: read as they were written, and told when they were not."""

from __future__ import annotations

import json
import subprocess
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


MAKEFILE = """\
STATE := $(HOME)/.local/state/bloomery/lab
setup:
\t@sleep 0.2; mkdir -p $(HOME)/.cache && date >> $(HOME)/.cache/setups
up:
\t@read -r _ && exit 1; mkdir -p $(STATE) && echo '{"lab": 1.5}' > $(STATE)/timings.json
down:
\t@echo down >> $(HOME)/.cache/downs
"""


def clone_of(tmp_path: Path, monkeypatch, makefile: str) -> Path:
    """A repository whose make takes a blink; its record goes to a place of its own."""
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / "Makefile").write_text(makefile)
    who = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "make"]):
        subprocess.run(["git", *command], cwd=repo, check=True)
    record = tmp_path / "results" / "fresh.json"
    monkeypatch.setattr(fresh, "ROOT", repo)
    monkeypatch.setattr(fresh, "FOLDER", record.parent)
    monkeypatch.setattr(fresh, "FRESH", record)
    monkeypatch.setenv("BLOOMERY_STATE", str(tmp_path / "ours"))
    return record


def test_fresh_runs_twice_without_a_terminal_and_keeps_the_record(tmp_path, monkeypatch) -> None:
    record = clone_of(tmp_path, monkeypatch, MAKEFILE)
    fresh.run_fresh(lambda _: None)
    found = json.loads(record.read_text())
    assert list(found) == ["cold", "cached"]
    assert found["cold"]["parts"]["lab"] == 1.5
    assert found["cold"]["parts"]["set-up"] > 0


def test_a_fresh_run_that_fails_says_where(tmp_path, monkeypatch) -> None:
    broken = MAKEFILE.replace("@read", "@echo no image; exit 7; read")
    record = clone_of(tmp_path, monkeypatch, broken)
    with pytest.raises(BenchError, match=r"make up in cold failed: .*no image"):
        fresh.run_fresh(lambda _: None)
    assert not record.exists()


def test_a_fresh_run_stays_away_from_a_lab_that_is_up(tmp_path, monkeypatch) -> None:
    clone_of(tmp_path, monkeypatch, MAKEFILE)
    (tmp_path / "ours" / "lab" / "lab").mkdir(parents=True)
    with pytest.raises(BenchError, match="the lab is up here"):
        fresh.run_fresh(lambda _: None)
