"""What the page says in each state, and that it never says more than was measured."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import scenes

from bloomery.records import Outcome
from bloomery.report.page import render

REPO = Path(__file__).resolve().parents[3]


def text(html: str) -> str:
    """The words of a page, without marks, on one line."""
    body = html.partition("<body>")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_a_proven_site_passes(tmp_path: Path) -> None:
    view = scenes.good(tmp_path)
    said = text(render(view))
    assert view.outcome is Outcome.PASS
    assert "All 4 machines are up and measured" in said
    assert "sealed in record 1" in said
    assert "The acceptance code is kestrel-7f31c2." in said
    assert "NIST SP 800-53 r5 SA-9(5)" in said
    assert "12 of 41" in said


def test_a_failed_site_says_who_why_and_what_next(tmp_path: Path) -> None:
    view = scenes.failed(tmp_path)
    said = text(render(view))
    assert view.outcome is Outcome.FAIL
    assert "2 of 4 machines need attention" in said
    assert "no progress on the console for 900 s" in said
    assert "bloomery lab console train-02; then pulumi up" in said
    assert "the answer does not contain the nonce: the server runs other weights" in said
    assert "location UA-lab is not one of UA-kyiv, UA-lviv" in said
    assert "Remedy: Move the site" in said
    assert "record chain is broken" in said
    assert "not sealed" in said
    assert [node.name for node in view.nodes[:2]] == ["serve-01", "train-02"]


def test_nothing_measured_is_not_a_pass(tmp_path: Path) -> None:
    view = scenes.empty(tmp_path)
    html = render(view)
    assert view.outcome is Outcome.NOT_MEASURED
    assert "No machine has been measured yet" in text(html)
    assert "A policy that was not run counts as not measured" in text(html)
    assert [check.outcome for check in view.checks] == [Outcome.NOT_MEASURED]
    assert "nothing was measured yet" in text(html)
    assert 'class="tag pass"' not in html.replace(legend(html), "")


def legend(html: str) -> str:
    """The key of signs, which shows all of them in every state."""
    return html.partition('<ul class="legend">')[2].partition("</ul>")[0]


def test_a_site_under_way_shows_phases_and_no_verdict(tmp_path: Path) -> None:
    view = scenes.under_way(tmp_path)
    assert {node.name: node.phase for node in view.nodes} == {
        "mgmt-01": "reachable",
        "serve-01": "reachable",
        "train-01": "media",
        "train-02": "bios",
    }
    assert {node.outcome for node in view.nodes} == {Outcome.NOT_MEASURED}


def test_work_after_the_measurement_voids_it(tmp_path: Path) -> None:
    scene = scenes.Scene(tmp_path, scenes.plan_of("lab"))
    scene.bring_up()
    scene.measure(9)
    assert {node.outcome for node in scene.view().nodes} == {Outcome.PASS}
    scene.bring_up(40, only=("train-01",))
    found = {node.name: node for node in scene.view().nodes}
    assert found["train-01"].outcome is Outcome.NOT_MEASURED
    assert found["train-01"].reason == "changed since it was measured"
    assert found["train-02"].outcome is Outcome.PASS


def test_a_measurement_of_another_plan_says_nothing(tmp_path: Path) -> None:
    scene = scenes.Scene(tmp_path, scenes.plan_of("lab"))
    scene.bring_up()
    scene.measure(9)
    path = next((tmp_path / "evidence" / "measurements").glob("*.json"))
    path.write_text(path.read_text().replace(scene.plan.digest, "0" * 64))
    assert {node.reason for node in scene.view().nodes} == {"measured on another plan"}


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    scene = scenes.Scene(tmp_path, scenes.plan_of("lab"))
    scene.measure(9)
    path = next((tmp_path / "evidence" / "measurements").glob("*.json"))
    path.write_text("{}")
    (tmp_path / "evidence" / "policy.json").write_text("[]")
    said = text(render(scene.view()))
    assert "Files that could not be read" in said
    assert "not a measurement" in said
    assert "not a policy report" in said


def test_sixty_four_machines_fold_those_that_pass(tmp_path: Path) -> None:
    html = render(scenes.many(tmp_path))
    assert "63 machines that passed" in html
    assert html.count('class="rack"') == 16
    assert "1 of 64 machines" in text(html)
    assert "needs attention" in text(html)
    assert "2 sessions of work" in text(html)


@pytest.mark.parametrize("name", scenes.SCENES)
def test_nothing_is_fetched_from_elsewhere(tmp_path: Path, name: str) -> None:
    html = render(scenes.SCENES[name](tmp_path))
    assert not re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', html)
    assert "url(http" not in html
    assert "@import" not in html


def test_what_machines_say_cannot_become_markup(tmp_path: Path) -> None:
    scene = scenes.Scene(tmp_path, scenes.plan_of("lab"))
    scene.measure(9, served="<script>alert(1)</script>")
    html = render(scene.view())
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_no_colour_speaks_alone(tmp_path: Path) -> None:
    """Each box in a rack carries its sign and its words."""
    html = render(scenes.failed(tmp_path))
    boxes = re.findall(r'<a href="#[^"]+"><title>([^<]+)</title>.*?</a>', html, re.S)
    assert len(boxes) == 4
    assert sum(": Fail, " in words for words in boxes) == 2
    assert html.count(">✕</text></a>") == 2


def test_the_pack_in_the_scenes_is_the_pack_that_ships() -> None:
    done = subprocess.run(
        [sys.executable, "describe.py"],
        cwd=REPO / "policies" / "sovereign",
        capture_output=True,
        check=True,
    )
    assert done.stdout == scenes.REPO_PACK.read_bytes()
