"""What stops a command is told in a line, never as a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from bloomery.cli.main import main
from bloomery.errors import FaultsError
from bloomery.plan.model import Plan
from bloomery.site.reading.document import parse

DEEP = 5000
"""Levels of nesting: more than the interpreter can follow."""


def stopped(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[object, str]:
    monkeypatch.setattr("sys.argv", ["bloomery", *words])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code, capsys.readouterr().err


def test_brackets_of_a_name_are_no_markup(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = stopped(["plan", "[/red]"], monkeypatch, capsys)
    assert code == 2, "a name nobody knows is bad input"
    assert "unknown site '[/red]'" in said


def test_a_folder_that_cannot_be_made_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    out = str(tmp_path / "file" / "out")
    code, said = stopped(["plan", "tests/golden/minimal", "--out", out], monkeypatch, capsys)
    assert code == 1
    assert str(tmp_path / "file") in said
    assert len(said.splitlines()) == 1


def test_a_document_nested_without_end_is_a_fault() -> None:
    document = parse("site.yaml", f"a: {'[' * DEEP}{']' * DEEP}\n")
    assert [str(it) for it in document.faults] == [
        "site.yaml:1 (top): nested too deeply to be read"
    ]


def test_a_kept_plan_nested_without_end_is_a_fault() -> None:
    with pytest.raises(FaultsError, match="nested too deeply"):
        Plan.from_json(b"[" * 100_000)
