"""``bloomery plan`` and ``bloomery site check``: output and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bloomery.cli.plan import app as plan_app
from bloomery.cli.site import app as site_app
from bloomery.errors import FaultsError
from bloomery.plan import make_plan
from bloomery.site import load

ROOT = Path(__file__).parents[3]
LAB = str(ROOT / "inventories" / "lab")
OVERFULL = str(ROOT / "tests" / "golden" / "overfull")


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.add_typer(plan_app, name="plan")
    made.add_typer(site_app, name="site")
    return made


def test_json_is_the_document_that_is_written(app: typer.Typer, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["plan", LAB, "--json", "--out", str(out)])
    assert result.exit_code == 0
    written = (out / "plan.json").read_bytes()
    assert result.stdout.encode() == written == make_plan(load(LAB)).to_document()
    assert json.loads(result.stdout)["site"]["name"] == "lab"


def test_notes_do_not_spoil_json(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["plan", OVERFULL, "--json"])
    assert result.exit_code == 2
    assert json.loads(result.stdout)["site"]["name"] == "overfull"
    assert "P1 error" in result.stderr


def test_nodes_option_lists_every_machine(app: typer.Typer) -> None:
    site = str(ROOT / "inventories" / "example-64")
    short = CliRunner().invoke(app, ["plan", site]).stdout
    long = CliRunner().invoke(app, ["plan", site, "--nodes"]).stdout
    assert "b200-048" not in short
    assert "b200-048" in long
    assert max(map(len, long.splitlines())) <= 100


def test_site_check_passes(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["site", "check", LAB])
    assert result.exit_code == 0
    assert "check: 10 rules passed, 69 not applicable\n" in result.stdout
    assert "feeds of racks (P2 P3 P6), power.sources (P4), halls (P8)" in " ".join(
        result.stdout.split()
    )


def test_site_check_fails_on_a_rule(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["site", "check", OVERFULL])
    assert result.exit_code == 2
    assert "check: 13 errors, 1 warning" in result.stdout


def test_site_check_hands_on_every_fault(app: typer.Typer, tmp_path: Path) -> None:
    """``main`` prints them and exits with 2; here it is enough that all are raised."""
    (tmp_path / "site.yaml").write_text("site: X\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["site", "check", str(tmp_path)])
    assert isinstance(result.exception, FaultsError)
    assert len(result.exception.faults) > 5
