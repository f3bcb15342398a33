"""``bloomery release``: check, show and diff, as tables and as JSON, with exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bloomery.cli.notes import WIDTH
from bloomery.cli.release import app
from bloomery.errors import BloomeryError

BROKEN = Path(__file__).parents[2] / "wrong" / "releases" / "rules.yaml"


def run(*words: str) -> Result:
    done = CliRunner().invoke(app, list(words))
    assert max(map(len, done.output.splitlines()), default=0) <= WIDTH or "--json" in words
    return done


def refused(*words: str) -> str:
    error = run(*words).exception
    assert isinstance(error, BloomeryError) and error.exit_code == 2
    return str(error)


def test_a_good_release() -> None:
    done = run("check", "nvidia-2026.07")
    assert done.exit_code == 0
    assert done.output == (
        "nvidia-2026.07: read without a fault; sets: 22, models: 7; check: 24 rules passed\n"
    )


def test_a_release_without_a_set_says_so() -> None:
    done = run("check", "metal-2026.11")
    assert (done.exit_code, "no software set to check" in done.output) == (0, True)


def test_a_broken_one_as_json() -> None:
    done = run("check", str(BROKEN), "--json")
    told = json.loads(done.output)
    assert done.exit_code == 2
    assert {note["id"] for note in told["notes"]} >= {"R1", "R9", "R13", "R14", "R16", "R17", "R20"}
    assert "dgx-b200/training/vm" in told["sets"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("check", "nvidia-2026"), "did you mean 'nvidia-2026.08'?"),
        (("check", "nowhere/release.yaml"), "nowhere/release.yaml"),
        (("show", "nvidia-2026.07", "dgx-h10"), "did you mean 'dgx-h100'?"),
        (("show", "lab-2026.11", "lab-node"), "no software set"),
        (("diff", "nvidia-2026.07", "nvidia-2026.08", "--model", "mi300x"), "lists model 'mi300x'"),
    ],
)
def test_what_is_not_there_is_named(words: tuple[str, ...], told: str) -> None:
    assert told in refused(*words)


def test_a_set_is_shown_in_order() -> None:
    done = run("show", "nvidia-2026.08", "dgx-b200")
    assert done.exit_code == 0
    shown = [line.split()[:3] for line in done.output.splitlines() if line.endswith("held  ")]
    assert shown[1][:3] == ["kernel", "linux-image-nvidia-6.8", "6.8.0-1062.65"]
    assert ["fabric", "nvlsm", "2025.10.14-1"] in shown
    assert "modules loaded           ib_umad" in done.output
    found = json.loads(run("show", "nvidia-2026.08", "dgx-b200", "--mode", "vm", "--json").output)
    assert (found["acs"], found["accelerator"]["isolation"][-1]) == ("on", "confidential")


def test_a_difference_is_told_model_by_model() -> None:
    done = run("diff", "nvidia-2026.07", "nvidia-2026.08")
    assert done.exit_code == 0
    assert "dgx-b200: only in nvidia-2026.08" in done.output
    assert "dgx-h100: reboot" in done.output
    assert "held before, held again behind it: " in done.output
    same = run("diff", "nvidia-2026.07", "nvidia-2026.07")
    assert "nothing changes" in " ".join(same.output.split()) and "reboot" not in same.output
    assert (
        "neither release has a software set" in run("diff", "lab-2026.11", "metal-2026.11").output
    )


def test_a_difference_as_json() -> None:
    found = json.loads(run("diff", "lab-gpu-2026.11", "lab-gpu-2026.12", "--json").output)
    assert [(it["model"], it["effect"]) for it in found][-1] == ("lab-node", "reboot")
    assert found[0]["changes"][2]["name"] == "nvidia-open"
