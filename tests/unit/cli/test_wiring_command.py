"""``bloomery wiring compare``: output and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import handmade
import pytest
from typer.testing import CliRunner, Result

from bloomery.cli.wiring import app
from bloomery.errors import FaultsError
from bloomery.report.files.cables import cables_csv


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    plan = handmade.plan(1)
    (tmp_path / "plan.json").write_bytes(plan.to_json())
    (tmp_path / "seen.csv").write_bytes(cables_csv(plan))
    return tmp_path


def run(desk: Path, *words: str) -> Result:
    plan, seen = str(desk / "plan.json"), str(desk / "seen.csv")
    return CliRunner().invoke(app, ["compare", plan, seen, *words])


def test_all_is_as_planned(desk: Path) -> None:
    result = run(desk)
    assert (result.exit_code, result.stdout) == (0, "512 of 512 cables as planned\n")


def test_differences_name_their_ports(desk: Path) -> None:
    file = desk / "seen.csv"
    lines = file.read_text().splitlines()
    one, two = (lines[at].split(",") for at in (1, 2))
    one[6:9], two[6:9] = two[6:9], one[6:9]
    lines[1:4] = [",".join(one), ",".join(two)]  # two swapped, the third unplugged
    file.write_text("\n".join(lines) + "\n")
    result = run(desk)
    assert result.exit_code == 1
    text = " ".join(result.stdout.split())
    assert "509 of 512 cables as planned; 1 swapped, 1 missing" in text
    assert "s01-n01 hca1 to compute-leaf-s01-r1 p01/2" in text
    assert "s01-n03 hca1 to compute-leaf-s01-r1 p02/1" in text
    assert max(map(len, result.stdout.splitlines())) <= 100
    told = json.loads(run(desk, "--json").stdout)
    assert [finding["kind"] for finding in told["findings"]] == ["swapped", "missing"]
    assert told["findings"][0]["lines"] == [2, 3]


def test_many_findings_are_cut_unless_asked_for(desk: Path) -> None:
    (desk / "seen.csv").write_text("a_device,a_port,b_device,b_port\n")
    assert "and 452 more: --all lists them" in run(desk).stdout
    assert "more: --all" not in run(desk, "--all").stdout


def test_bad_input_is_told_whole(desk: Path) -> None:
    (desk / "seen.csv").write_text("a_device,a_port\n")
    result = run(desk)
    assert isinstance(result.exception, FaultsError)
    assert len(result.exception.faults) == 2
    result = run(desk, "--network", "compte")
    assert "did you mean 'compute'?" in str(result.exception)
