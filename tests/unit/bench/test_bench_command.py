"""The command: what stops a bench is a row, a file and an exit code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench import __main__ as command
from bench import results
from bench.row import BenchError, Figure, Row, Target


def stopped(shelf, say, quick):
    yield Row("first", "1", Figure((1.0,), "s"))
    raise BenchError("the floor is missing")


def good(shelf, say, quick):
    yield Row("quick" if quick else "slow", "1", Figure((1.0,), "s"), None, Target(2, of="ours"))


def run(monkeypatch, tmp_path: Path, *arguments: str) -> int:
    benches = {"good": command.Bench("good", good), "stopped": command.Bench("stops", stopped)}
    monkeypatch.setattr(command, "BENCHES", benches)
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])
    return command.main()


def test_all_good_is_zero(monkeypatch, tmp_path: Path, capsys) -> None:
    assert run(monkeypatch, tmp_path, "--only", "good", "--quick") == 0
    body = json.loads((tmp_path / "good.json").read_text())
    assert body["quick"] is True
    assert body["machine"]["cores"] >= 1
    assert [row["what"] for row in body["rows"]] == ["quick"]
    assert "pass" in capsys.readouterr().out


def test_a_bench_that_stops_is_told_and_fails_the_run(monkeypatch, tmp_path: Path, capsys) -> None:
    assert run(monkeypatch, tmp_path) == 1
    rows = json.loads((tmp_path / "stopped.json").read_text())["rows"]
    assert [row["verdict"] for row in rows] == ["no target", "not measured"]
    assert "the floor is missing" in capsys.readouterr().out


def test_an_unknown_bench_is_refused(monkeypatch, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        run(monkeypatch, tmp_path, "--only", "nothing")
