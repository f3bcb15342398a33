"""The table of 22 controls: each row has its folder, its status, and controls that exist."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import ModuleType

import pytest
import yaml

AUTOMATED_ROWS = {1, 2, 3, 4, 7, 8, 9, 11, 15, 16, 17, 19, 20, 22}


@pytest.fixture
def sheet(pack: ModuleType) -> ModuleType:
    import sheet

    return sheet


@pytest.fixture
def copied(pack_path: Path, tmp_path: Path) -> Path:
    """The pack's sheets where they can be spoilt."""
    folder = tmp_path / "pack"
    shutil.copytree(pack_path, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def spoil(folder: Path, rule: str, **changes: object) -> None:
    path = folder / rule / "sheet.yaml"
    said = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump({**said, **changes}))


def test_each_of_the_22_rows_has_a_folder(sheet: ModuleType) -> None:
    sheets = sheet.read_sheets()
    assert {one.row for one in sheets} == set(range(1, 23))
    assert {one.row for one in sheets if one.status == "automated"} == AUTOMATED_ROWS


def test_a_row_is_automated_as_a_whole_or_not_at_all(sheet: ModuleType) -> None:
    """Two rules may share a row; the score counts rows."""
    by_row: dict[int, set[str]] = {}
    for one in sheet.read_sheets():
        by_row.setdefault(one.row, set()).add(one.status)
    assert all(len(statuses) == 1 for statuses in by_row.values())


def test_what_is_not_automated_says_what_decides_it(sheet: ModuleType) -> None:
    for one in sheet.read_sheets():
        assert len(one.decided_by) > 20, one.rule


def test_every_list_of_controls_names_its_source(sheet: ModuleType, pack_path: Path) -> None:
    for entry in yaml.safe_load((pack_path / "controls.yaml").read_text()):
        assert len(entry["source"]) > 20
        assert len(set(entry["ids"])) == len(entry["ids"])
        assert all(isinstance(one, str) for one in entry["ids"]), "an id read as a number"


def test_no_control_is_listed_in_vain(sheet: ModuleType) -> None:
    listed = {str(one) for known in sheet.read_controls().values() for one in known}
    named = {str(one) for found in sheet.read_sheets() for one in found.controls}
    assert named == listed


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"controls": {"NIST SP 800-53 r5": ["SC-99"]}},
            "r5 has no control 'SC-99'",
        ),
        (
            {"controls": {"BSI C5 2026": ["AM-03"]}},
            "'BSI C5 2026' is not in controls.yaml",
        ),
        ({"controls": {"NIST SP 800-53": ["CM-5"]}}, "write its edition too"),
        ({"controls": {}}, "controls is missing"),
        ({"severity": "grave"}, "severity is 'grave', not one of low"),
        ({"status": "planned"}, "status is 'planned', not one of automated"),
        ({"status": "manual"}, "rule.py is there"),
        ({"remedy": ""}, "remedy is missing"),
        ({"zone": "data"}, "unknown key 'zone'"),
    ],
)
def test_a_wrong_sheet_stops_the_pack(
    sheet: ModuleType, copied: Path, changes: dict[str, object], says: str
) -> None:
    spoil(copied, "quotas", **changes)
    with pytest.raises(sheet.PackError) as caught:
        sheet.read_sheets(copied)
    assert str(caught.value).startswith("quotas/sheet.yaml: ")
    assert says in str(caught.value)


def test_all_wrong_sheets_are_told_at_once(sheet: ModuleType, copied: Path) -> None:
    spoil(copied, "quotas", severity="grave")
    spoil(copied, "break_glass", status="automated")
    with pytest.raises(sheet.PackError) as caught:
        sheet.read_sheets(copied)
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert "break_glass/sheet.yaml: status is automated, and there is no rule.py" in lines


def test_a_list_without_a_source_is_refused(sheet: ModuleType, copied: Path) -> None:
    path = copied / "controls.yaml"
    listed = yaml.safe_load(path.read_text())
    listed[0]["source"] = ""
    path.write_text(yaml.safe_dump(listed))
    with pytest.raises(sheet.PackError, match="names no source"):
        sheet.read_controls(path)
