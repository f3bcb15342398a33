"""``bloomery wiring compare``: output and exit codes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import handmade
import printed
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
    assert (result.exit_code, result.stdout) == (0, "compute: 512 of 512 cables as planned\n")


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
    assert "compute: 509 of 512 cables as planned; 1 swapped, 1 missing" in text
    assert "s01-n01 hca1 to compute-leaf-s01-r1 p01/2" in text
    assert "s01-n03 hca1 to compute-leaf-s01-r1 p02/1" in text
    assert max(map(len, result.stdout.splitlines())) <= 100
    told = json.loads(run(desk, "--json").stdout)
    assert [finding["kind"] for finding in told["findings"]] == ["swapped", "missing"]
    assert told["findings"][0]["lines"] == [2, 3]


def test_many_findings_are_cut_unless_asked_for(desk: Path) -> None:
    file = desk / "seen.csv"
    file.write_text("\n".join(file.read_text().splitlines()[:2]) + "\n")
    assert "and 451 more: --all lists them" in run(desk).stdout
    assert "more: --all" not in run(desk, "--all").stdout


def test_without_a_cable_to_compare_nothing_is_as_planned(desk: Path) -> None:
    (desk / "seen.csv").write_text("a_device,a_port,b_device,b_port\n")
    result = run(desk)
    assert isinstance(result.exception, FaultsError) and result.exception.exit_code == 2
    assert "no cable of the plan was observed; see that" in str(result.exception)


def test_networks_names_and_devices_that_were_not_asked_are_told(desk: Path) -> None:
    """The file of one leaf, and an own list in which another network is not."""
    leaf = "compute-leaf-s01-r1"
    plan = handmade.plan(1)
    first = plan.fabric.cables[0]
    storage = first._replace(id="x", network="storage", a_port="sto1", b_device="st-1")
    cables = (*plan.fabric.cables, storage)
    networks = (*plan.fabric.networks, replace(plan.fabric.networks[0], name="storage"))
    plan = replace(plan, fabric=replace(plan.fabric, cables=cables, networks=networks))
    (desk / "plan.json").write_bytes(plan.to_json())
    (desk / f"{leaf}.txt").write_text(printed.sonic(cables, leaf))
    words = ["compare", str(desk / "plan.json"), str(desk / f"{leaf}.txt")]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[-2:] == [
        "compute: 64 of 64 cables as planned; 448 at devices that were not asked",
        "storage: not observed (0 of 1 cables)",
    ]
    assert lines[0] == "train (node-x), not declared: enp16s0np0 taken as hca1"
    result = CliRunner().invoke(app, [*words, "--network", "storage"])
    assert "no cable of network 'storage' was observed" in str(result.exception)


def test_what_a_name_means_may_be_said(desk: Path) -> None:
    """Machines that count their adapters from the other end."""
    cables = handmade.plan(1).fabric.cables
    (desk / "seen.csv").write_text(printed.ibnetdiscover(cables, lambda rail: f"mlx5_{8 - rail}"))
    assert "compute: 256 of 512 cables as planned; 128 swapped" in run(desk).stdout
    words = [f"--port=mlx5_{8 - rail}=hca{rail}" for rail in range(1, 9)]
    result = run(desk, *words)
    assert (result.exit_code, result.stdout) == (0, "compute: 512 of 512 cables as planned\n")
    result = run(desk, "--port", "mlx5_0", "--port", "mlx5_0=hca9", "--port", "=hca1")
    assert isinstance(result.exception, FaultsError)
    plan = desk / "plan.json"
    assert [str(fault) for fault in result.exception.faults] == [
        f"{plan}:0 --port: no port of the plan: 'mlx5_0'; NAME=PORT, as in mlx5_0=hca2",
        f"{plan}:0 --port: no port of the plan: 'mlx5_0=hca9'; did you mean 'hca8'?",
        f"{plan}:0 --port: no port of the plan: '=hca1'; NAME=PORT, as in mlx5_0=hca2",
    ]


def test_lines_of_several_files_are_told_with_their_file(desk: Path) -> None:
    cables = handmade.plan(1).fabric.cables
    leaves = ("compute-leaf-s01-r1", "compute-leaf-s01-r2")
    words = ["compare", str(desk / "plan.json")]
    for leaf in leaves:
        text = printed.lldpcli(cables, leaf, lists=True)
        (desk / f"{leaf}.json").write_text(text.replace("s01-n07", "s01-n99"))
        words.append(str(desk / f"{leaf}.json"))
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1
    for leaf in leaves:
        assert f"miswired  {desk}/{leaf}.json:" in result.stdout
    assert "compute: 126 of 128 cables as planned; 2 miswired; 384 at" in result.stdout


def test_bad_input_is_told_whole(desk: Path) -> None:
    (desk / "seen.csv").write_text("a_device,a_port\n")
    result = run(desk)
    assert isinstance(result.exception, FaultsError)
    assert len(result.exception.faults) == 2
    result = run(desk, "--network", "compte")
    assert "did you mean 'compute'?" in str(result.exception)
