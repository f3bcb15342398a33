"""Checks that concern no single machine, and attachments, of kinds the report knows nothing of."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
import scenes
from rich.console import Console

from bloomery.records import Attachment, Observation, Outcome, Verdict
from bloomery.report.page import render
from bloomery.report.summary import summary
from bloomery.report.view import View

FOUND = Observation("loop-1", "leak.litres", 3.5, "L")
LEAKS = Verdict("acceptance.tight", "loop-1", Outcome.FAIL, "3.5 L are missing", "none", FOUND)
UNSEEN = Verdict("acceptance.tight", "loop-2", Outcome.NOT_MEASURED, "no flow meter", "none")
TABLE = Attachment(
    "tight", "Coolant <b>", ("loop", "seen & said"), (("loop-1", "<img src=x>"),), "<i>Litres</i>"
)


def view(folder: Path, *more: Verdict, tables: tuple[Attachment, ...] = ()) -> View:
    """The lab, brought up and measured, with other checks beside its own."""
    made = scenes.Scene(folder, scenes.plan_of("lab"))
    made.bring_up()
    made.measure(9, more=more, tables=tables)
    return made.view()


def lines(found: View) -> str:
    out = Console(file=io.StringIO(), width=120)
    out.print(summary(found, "page.html"))
    return out.file.getvalue()  # type: ignore[attr-defined]  # a StringIO


def row(html: str, subject: str) -> str:
    """The row of one check, on one line."""
    rows = re.findall(r"<tr>.*?</tr>", html, re.S)
    return next(found for found in rows if f">{subject}</td>" in found)


def test_a_failing_check_of_any_kind_shows_its_reason(tmp_path: Path) -> None:
    found = view(tmp_path, LEAKS)
    assert re.search(r"tight loop-1 +FAIL +3.5 L are missing", lines(found))
    said = row(render(found), "loop-1")
    assert "Fail" in said
    assert "3.5 L are missing" in said
    assert ">3.5 L<" in said, "what was observed"


def test_the_headline_tells_of_failing_checks(tmp_path: Path) -> None:
    """Machines that all pass are not the whole of it."""
    lede = re.search(r'<p class="lede">(.*?)</p>', render(view(tmp_path, LEAKS, UNSEEN)), re.S)
    assert lede
    assert "; <b>1 check</b> on the whole site fails." in lede[1]
    assert "whole site" not in render(view(tmp_path / "good")).partition("</header>")[0]


def test_a_check_not_measured_is_never_shown_as_a_pass(tmp_path: Path) -> None:
    found = view(tmp_path, UNSEEN)
    assert re.search(r"tight loop-2 +not measured +no flow meter", lines(found))
    said = row(render(found), "loop-2")
    assert "Not measured" in said
    assert "tag pass" not in said


def test_checks_of_another_plan_are_not_measured(tmp_path: Path) -> None:
    made = scenes.Scene(tmp_path, scenes.plan_of("lab"))
    made.bring_up()
    made.measure(9, tables=(TABLE,))
    assert {check.outcome for check in made.view().checks} == {Outcome.PASS}
    path = next((tmp_path / "evidence" / "measurements").glob("*.json"))
    path.write_text(path.read_text().replace(made.plan.digest, "0" * 64))
    found = made.view()
    assert {check.outcome for check in found.checks} == {Outcome.NOT_MEASURED}
    assert {check.reason for check in found.checks} == {"measured on another plan"}
    assert "The acceptance code is" not in lines(found)
    assert found.attachments == ()


def test_of_many_checks_those_that_fail_are_shown(tmp_path: Path) -> None:
    passed = [Verdict("acceptance.tight", f"x-{n}", Outcome.PASS, "", "") for n in range(40)]
    said = lines(view(tmp_path, *passed, UNSEEN, LEAKS))
    assert said.index("loop-1") < said.index("loop-2"), "those that fail come first"
    assert "x-7" not in said
    assert re.search(r"not shown: 4\d pass *$", said, re.M)


def test_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    bad = [Verdict("acceptance.tight", f"x-{n}", Outcome.FAIL, "leaks", "") for n in range(40)]
    said = lines(view(tmp_path, *bad))
    assert len(re.findall(r"tight x-", said)) == 16
    assert re.search(r"not shown: \d+ pass, 24 fail", said)


def test_of_many_checks_the_page_folds_those_that_pass(tmp_path: Path) -> None:
    passed = [Verdict("acceptance.tight", f"x-{n}", Outcome.PASS, "", "") for n in range(25)]
    html = render(view(tmp_path, *passed, LEAKS))
    section = html.partition("Checks on the whole site")[2].partition("</section>")[0]
    before, _, folded = section.partition("<details>")
    assert "3.5 L are missing" in before
    assert "x-7<" not in before
    assert "x-7<" in folded
    assert "checks that passed</summary>" in folded


@pytest.mark.parametrize("text", ["[/red] [bold]", "a\x1b[2Jb\nc", "x" * 900])
def test_what_a_server_answers_cannot_change_the_screen(tmp_path: Path, text: str) -> None:
    seen = Observation("loop-1", "said", text)
    said = lines(view(tmp_path, Verdict("acceptance.said", "loop-1", Outcome.PASS, "", "", seen)))
    assert "\x1b" not in said
    if text.startswith("["):
        assert text in said
    assert said.count("x") < 400


def test_an_attachment_is_shown_as_text(tmp_path: Path) -> None:
    """Titles, notes, columns and cells come from outside; none of them is markup."""
    html = render(view(tmp_path, tables=(TABLE,)))
    assert '<h2 id="h-table-3">Coolant &lt;b&gt;</h2>' in html
    assert '<th scope="row">loop-1</th>' in html
    assert "&lt;img src=x&gt;" in html
    assert "<img" not in html
    assert "&lt;i&gt;Litres&lt;/i&gt;" in html
    assert '<th scope="col">seen &amp; said</th>' in html


@pytest.mark.parametrize(("rows", "folded"), [(24, False), (25, True)])
def test_an_attachment_of_many_rows_is_folded(tmp_path: Path, rows: int, folded: bool) -> None:
    cells = tuple((f"loop-{number}", "tight") for number in range(rows))
    html = render(view(tmp_path, tables=(Attachment("tight", "Coolant", ("loop", "is"), cells),)))
    section = html.partition(">Coolant</h2>")[2].partition("</section>")[0]
    assert ("<details>" in section) is folded
    assert (f"<summary>{rows} rows</summary>" in section) is folded
    assert section.count('scope="row"') == rows


def test_an_attachment_without_rows_says_so(tmp_path: Path) -> None:
    html = render(view(tmp_path, tables=(Attachment("tight", "Coolant", ("loop",), ()),)))
    section = html.partition(">Coolant</h2>")[2].partition("</section>")[0]
    assert "The table has no rows." in section
    assert "<table" not in section


def test_an_empty_cell_shows_a_dash(tmp_path: Path) -> None:
    table = Attachment("tight", "Coolant", ("loop", "is"), (("loop-1", ""),))
    assert '<td class="cell">–</td>' in render(view(tmp_path, tables=(table,)))
