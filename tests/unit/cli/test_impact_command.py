"""``bloomery impact``: the table of the preview without an engine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bloomery.cli.impact import impact
from bloomery.cli.notes import WIDTH

LAB = Path(__file__).parents[3] / "inventories" / "lab"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> object:
    monkeypatch.setenv("BLOOMERY_STATE", str(tmp_path / "state"))
    app = typer.Typer()
    app.command()(impact)
    return lambda site: CliRunner().invoke(app, [str(site)])


def test_a_site_nobody_sealed(run: object, tmp_path: Path) -> None:
    done = run(LAB)  # type: ignore[operator]
    assert done.exit_code == 0
    assert "with no sealed record to compare with: everything is new" in done.output
    assert "train            canary        1       0      0     0.8  train-01" in done.output
    assert max(map(len, done.output.splitlines())) <= WIDTH
    assert not (tmp_path / "state").exists(), "looking writes nothing"


def test_what_cannot_be_told_is_no_success(run: object, tmp_path: Path) -> None:
    (tmp_path / "state" / "lab" / "evidence" / "records").mkdir(parents=True)
    done = run(LAB)  # type: ignore[operator]
    assert done.exit_code == 1
    assert "unknown: " in done.output


def test_a_bad_site_is_told_by_its_faults(run: object, tmp_path: Path) -> None:
    from bloomery.errors import FaultsError

    site = shutil.copytree(LAB, tmp_path / "site")
    (site / "site.yaml").write_text("site: x\n")
    assert isinstance(run(site).exception, FaultsError)  # type: ignore[operator]
