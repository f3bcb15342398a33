"""Bad workloads and the exact text of their faults; nothing is written, the exit code is 2.

A case is ``NAME.txt`` and the change of the example workload that stands in ``CASES``: each
is wrong in its own way only. ``BLOOMERY_REWRITE=1`` writes the texts, for a person to read.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bloomery.cli.main import main
from bloomery.errors import FaultsError
from bloomery.site.draft.workload_load import load_workload

HERE = Path(__file__).parent
REWRITE = os.environ.get("BLOOMERY_REWRITE") == "1"
GOOD = HERE.parents[2] / "docs" / "examples" / "workload.yaml"
BASE = GOOD.read_text(encoding="utf-8")
FILE = "workload.yaml"


def after(mark: str) -> str:
    """Everything of the base from the line of ``mark`` up to the next blank line."""
    start = BASE.index(mark)
    return BASE[start : BASE.index("\n\n", start) + 2]


Change = tuple[str, str]
CASES: dict[str, tuple[Change, ...]] = {
    "empty": ((BASE, ""),),
    "a-list": ((BASE, "- site: kyiv\n"),),
    "unclosed": (("networks:\n", "networks: {\n"),),
    "no-site": (("site: kyiv\n", ""),),
    "no-limits": ((after("limits:"), ""),),
    "no-storage": ((BASE[BASE.index("storage:") :], ""),),
    "no-work": ((after("training:"), ""), (after("serving:"), "")),
    "unknown-section": (("serving:\n", "serves:\n"),),
    "abroad": (("location: UA-kyiv", "location: PL-warszawa"),),
    "no-candidate": (
        (BASE[BASE.index("candidates:") : BASE.index("management:")], "candidates: []\n\n"),
    ),
    "unknown-model": (("model: dgx-h100", "model: dgx-h1000"),),
    "model-twice": (("model: dgx-h100", "model: dgx-b200"),),
    "no-gpu": (("  - model: dgx-h100", "  - {model: cpu-node, power_kw: 1 kW, height_u: 1}"),),
    "virtual": (("model: dgx-h100", "model: lab-node"),),
    "no-peak": (("    peak_tflops_bf16: 2500\n", ""),),
    "vendor-build-without-figures": (("    power_kw: 14.5 kW\n    height_u: 8\n", ""),),
    "liquid-without-cooling": ((BASE[BASE.index("cooling:") : BASE.index("storage:")], ""),),
    "liquid-without-water": (("  water_c: 29 °C\n", ""),),
    "management-without-figures": (("  power_kw: 800 W\n", ""),),
    "management-none": (("count: 3", "count: 0"),),
    "training-beyond": (
        ("parameters: 70 B\n    tokens: 5 T", "parameters: 1e300 B\n    tokens: 1e-30"),
    ),
    "training-twice": (("name: national-8b", "name: national-70b"),),
    "training-numbers": (
        ("parameters: 70 B\n    tokens: 5 T", "parameters: 70 Bn\n    tokens: many"),
        ("deadline_h: 60 d", "deadline_h: 0 d"),
        ("mfu: 40 %", "mfu: 140 %"),
        ("stall_s: 60 s", "stall_s: 60 GB"),
    ),
    "training-without-mfu": (("    mfu: 40 %\n", ""),),
    "training-without-deadline": (("    deadline_h: 60 d\n", ""),),
    "serving-numbers": (
        ("requests_per_s: 60", "requests_per_s: -1"),
        ("tokens_out: 300", "tokens_out: 0"),
        ("bytes_per_parameter: 2", "bytes_per_parameter: 16"),
        ("memory_percent: 50 %", "memory_percent: 0 %"),
    ),
    "serving-unknown-key": (("requests_per_s", "requests_a_second"),),
    "data-by-the-hour": (("per_day_tb: 20 TB", "per_hour_tb: 20 TB"),),
    "limits-numbers": (
        ("power_kw: 2 MW", "power_kw: 2 MVA"),
        ("racks: 60", "racks: 0"),
        ("rack_units: 48", "rack_units: 99"),
        ("water_c: 29 °C", "water_c: 29 F"),
    ),
    "limits-all-kept": (
        ("reserve_kw: 100 kW", "reserve_kw: 2100 kW"),
        ("reserve_racks: 4", "reserve_racks: 60"),
    ),
    "unknown-switch": (("switch: qm9700", "switch: qm9600"),),
    "switch-of-another-kind": (("kind: infiniband", "kind: ethernet"),),
    "switch-without-figures": (("switch: qm9700", "switch: generic-infiniband"),),
    "switch-of-another-speed": (("speed_gbps: 400 Gb/s", "speed_gbps: 200 Gb/s"),),
    "unknown-fluid": (("fluid: pg25", "fluid: pg55"),),
    "cdu-without-flow": (("    flow_lpm: 1300 L/min\n", ""),),
    "cdus-counted": (("    head_kpa: 220 kPa", "    count: 3\n    head_kpa: 220 kPa"),),
    "block-without-source": ((", source: an offer made up for this file", ""),),
    "keyless": (("  key_custody: national\n", ""),),
    "networks-wrong": (("10.16.0.0/16", "10.16.0.5/16"),),
    "several-sections": (
        ("location: UA-kyiv", "location: PL-warszawa"),
        ("    peak_tflops_bf16: 2500\n", ""),
        ("tokens: 5 T", "tokens: 5 Tb"),
        ("switch: qm9700", "switch: generic-infiniband"),
        ("  key_custody: national\n", ""),
    ),
}


def wrong(case: str) -> str:
    text = BASE
    for old, new in CASES[case]:
        assert old in text, f"{case}: {old!r} is not in workload.yaml"
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize("case", sorted(CASES))
def test_wrong(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(FILE).write_text(wrong(case), encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load_workload(FILE)
    text, expected = f"{caught.value}\n", HERE / f"{case}.txt"
    if REWRITE:
        expected.write_text(text, encoding="utf-8")
    assert expected.read_text(encoding="utf-8") == text


def test_every_text_has_a_case() -> None:
    assert {file.stem for file in HERE.glob("*.txt")} == set(CASES)


def test_base_is_good() -> None:
    """So that each case fails for its own reason and for no other."""
    assert len(load_workload(GOOD).candidates) == 4


def test_exit_code_2_and_nothing_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(FILE).write_text(wrong("no-peak"), encoding="utf-8")
    command = ["bloomery", "site", "new", "--workload", FILE, "--choose", "1", "--out", "made"]
    monkeypatch.setattr("sys.argv", command)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == (HERE / "no-peak.txt").read_text(encoding="utf-8")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [FILE]
