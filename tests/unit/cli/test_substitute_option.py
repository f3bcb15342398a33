"""``--substitute`` of ``bloomery plan`` and ``site check`` as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bloomery.cli.main import main

GOLDEN = Path(__file__).parents[2] / "golden"
PROJECTS = GOLDEN / "projects"
MIXED = GOLDEN / "mixed-rails"
NARROW = "height_u=2,cages=16,per_cage.400=4,power_kw=2.5 kW"


@pytest.fixture
def bloomery(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def run(*words: object) -> tuple[int, list[str], list[str]]:
        monkeypatch.setattr("sys.argv", ["bloomery", *map(str, words)])
        try:
            main()
            code: object = 0
        except SystemExit as ended:
            code = ended.code
        out, err = capsys.readouterr()
        lines = [[line.rstrip() for line in text.splitlines()] for text in (out, err)]
        return int(code or 0), *lines  # type: ignore[call-overload, return-value]

    return run


def test_a_switch_is_told_with_its_line_and_what_it_changes(bloomery) -> None:
    code, out, _ = bloomery("plan", MIXED, "--substitute", f"qm9700=generic-infiniband,{NARROW}")
    assert code == 0
    assert out[:10] == [
        "generic-infiniband instead of qm9700:",
        "  site.yaml:30 fabric.compute.switch",
        "Totals",
        "section  what             old     new  change  unit",
        "metal    power          58.48    61.6   +3.12  kW",
        "metal    peak power     58.48    61.6   +3.12  kW",
        "metal    known weight  373.28  314.08   -59.2  kg",
        "cooling  heat to air    58.48    61.6   +3.12  kW",
        "mixed-rails  UA-kyiv  metal  release metal-2026.11",
        "Racks",
    ]
    assert any(" rules passed, " in line for line in out)
    assert any("generic-infiniband" in line for line in out[10:])


def test_a_machine_is_told_with_the_name_of_its_pool(bloomery) -> None:
    figures = "power_kw=14.5 kW,height_u=8,liquid_share=0"
    code, out, _ = bloomery("plan", PROJECTS, "--substitute", f"dgx-b200=hgx-b200,{figures}")
    assert code == 0
    assert out[:2] == ["hgx-b200 instead of dgx-b200:", "  site.yaml:23 pools[0].model (train)"]
    code, out, _ = bloomery("plan", PROJECTS, "--substitute", "dgx-b200=dgx-h100")
    assert out[0] == ("dgx-h100 instead of dgx-b200 (not listed as an alternate in the catalogue):")


def test_a_substitute_that_differs_in_no_total(bloomery) -> None:
    code, out, _ = bloomery("plan", PROJECTS, "--substitute", "dgx-h100=dgx-h200")
    assert code == 0
    assert out[2] == "totals: no difference"


def test_what_does_not_fit_ends_as_any_error_of_a_rule(bloomery, tmp_path: Path) -> None:
    """Machines of 12 U where others of 10 U stood; and nothing is written."""
    figures = "power_kw=30 kW,height_u=12,liquid_share=0"
    substitute = ("--substitute", f"dgx-b200=hgx-b200,{figures}")
    code, out, _ = bloomery("plan", PROJECTS, *substitute, "--out", tmp_path / "out")
    assert code == 2
    assert any(line.startswith("M3 error") for line in out)
    assert any(line.startswith("P1 error") for line in out)
    assert not (tmp_path / "out").exists()
    code, out, _ = bloomery("site", "check", PROJECTS, *substitute)
    assert code == 2
    assert out[1] == "  site.yaml:23 pools[0].model (train)"
    assert any(line.startswith("M3 error") for line in out)


def test_json_is_the_plan_alone(bloomery) -> None:
    substitute = ("--substitute", f"qm9700=generic-infiniband,{NARROW}")
    code, out, err = bloomery("plan", MIXED, "--json", *substitute)
    assert code == 0
    models = {it["model"] for it in json.loads("".join(out))["fabric"]["switches"]}
    assert models == {"generic-infiniband", "sn4600c"}
    assert err[1] == "  site.yaml:30 fabric.compute.switch"


@pytest.mark.parametrize("command", [("plan",), ("site", "check")])
def test_faults_end_with_their_exit_code(bloomery, command: tuple[str, ...]) -> None:
    code, out, err = bloomery(
        *command, MIXED, "--substitute", "qm97=q3400", "--substitute", "sn4600c=mi300x"
    )
    assert (code, out) == (2, [])
    assert err == [
        "--substitute:0 qm97: the site orders nothing of model 'qm97'; did you mean 'qm9700'?",
        "--substitute:0 sn4600c: 'mi300x' is a machine, 'sn4600c' is a switch; switches: "
        "generic-ethernet, generic-infiniband, q3400, qm9700, sn2201, sn4600c, sn5600",
    ]
