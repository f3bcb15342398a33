"""The lines a bring-up ends with."""

from __future__ import annotations

import io
import re
from pathlib import Path

import scenes
from rich.console import Console

from bloomery.report.summary import summary
from bloomery.report.view import View


def lines(view: View) -> str:
    out = Console(file=io.StringIO(), width=100)
    out.print(summary(view, "/state/lab/report/index.html"))
    return out.file.getvalue()  # type: ignore[attr-defined]  # a StringIO


def test_a_proven_site(tmp_path: Path) -> None:
    said = lines(scenes.good(tmp_path))
    assert "4 of 4 machines pass" in said
    assert "record chain is sound" in said
    assert "The acceptance code is kestrel-7f31c2." in said
    assert said.rstrip().endswith("page /state/lab/report/index.html")


def test_a_failed_site_names_reason_and_next_step(tmp_path: Path) -> None:
    said = lines(scenes.failed(tmp_path))
    assert "2 of 4 machines pass, 2 fail" in said
    assert "no progress on the console" in said
    assert "next:" in said
    assert "record chain is broken" in said
    assert "not sealed" in said


def test_many_machines_show_those_that_need_somebody(tmp_path: Path) -> None:
    said = lines(scenes.many(tmp_path))
    assert "63 of 64 machines pass, 1 fail" in said
    assert "b200-017" in said
    assert "b200-018" not in said


def test_nothing_measured_is_told(tmp_path: Path) -> None:
    said = lines(scenes.empty(tmp_path))
    assert "0 of 4 machines pass, 4 not measured" in said
    assert re.search(r"acceptance lab +not measured +nothing was measured yet", said)
