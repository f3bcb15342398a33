"""``python -m trees``: what works on a tree, what it does not offer, what fails and why."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "drivers" / "redfish"))

from small_tree import MANAGER, SLOTS, SYSTEM, V1, standard

from trees.__main__ import main
from trees.operations import OPERATIONS


def write(folder: Path, name: str, resources: dict) -> None:
    said = {"source": "written here", "tree": name, "resources": resources}
    (folder / f"{name}.json").write_text(json.dumps(said))


def outcomes(folder: Path, capsys: pytest.CaptureFixture[str], code: int) -> dict[str, dict]:
    assert main([str(folder), "--json"]) == code
    said = json.loads(capsys.readouterr().out)["trees"]
    return {one["tree"]: one["operations"] for one in said}


def test_standard_tree_passes_everything(tmp_path, capsys):
    write(tmp_path, "small", standard())
    assert outcomes(tmp_path, capsys, 0) == {"small": dict.fromkeys(OPERATIONS, "ok")}


def test_what_a_tree_lacks_is_not_offered_and_never_ok(tmp_path, capsys):
    tree = standard()
    for path, name in (
        (SYSTEM, "Bios"),
        (SYSTEM, "Boot"),
        (SYSTEM, "Actions"),
        (MANAGER, "VirtualMedia"),
    ):
        tree[path].pop(name)
    for name in ("AccountService", "UpdateService"):
        tree[V1].pop(name)
    write(tmp_path, "bare", tree)
    row = outcomes(tmp_path, capsys, 0)["bare"]
    assert row.pop("facts") == "ok"
    assert set(row.values()) == {"not offered"}


def test_fault_names_what_is_missing(tmp_path, capsys):
    tree = standard()
    tree[SYSTEM].pop("UUID")
    tree[f"{MANAGER}/Ports/eth0"]["InterfaceEnabled"] = False
    tree[SLOTS]["Members"] = []
    write(tmp_path, "odd", tree)
    row = outcomes(tmp_path, capsys, 1)["odd"]
    assert row["facts"].startswith("fault: identity needs the UUID or the serial and one more")
    assert row["media"] == "fault: the BMC lists no virtual media slot that takes a URL"
    assert row["power"] == "ok"


def test_table_counts_what_is_offered(tmp_path, capsys):
    tree = standard()
    tree[SLOTS]["Members"] = []
    write(tmp_path, "odd", tree)
    assert main([str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "| odd | ok | fault | ok | ok | ok | ok | ok |" in said
    assert "6 of 7 operations that the trees offer work." in said
    assert "- odd, media: the BMC lists no virtual media slot" in said


@pytest.mark.parametrize("content", [None, "{", '{"tree": "x"}', '{"tree": "x", "resources": 5}'])
def test_folder_without_trees_is_bad_input(tmp_path, capsys, content):
    if content is not None:
        (tmp_path / "x.json").write_text(content)
    assert main([str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err


def test_table_goes_between_its_marks_of_a_page(tmp_path, capsys):
    write(tmp_path, "small", standard())
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- trees -->\nold\n<!-- end of trees -->\nafter\n")
    for _ in range(2):
        assert main([str(tmp_path), "--page", str(page)]) == 0
        said = page.read_text()
        assert said.startswith("before\n") and said.endswith("after\n") and "old" not in said
        assert said.count("| small |") == 1
    page.write_text("no marks")
    assert main([str(tmp_path), "--page", str(page)]) == 2
    assert page.read_text() == "no marks"


def test_page_of_the_documentation_has_every_operation():
    text = (Path(__file__).parents[3] / "docs" / "bmcs.md").read_text()
    head = next(line for line in text.splitlines() if line.startswith("| tree |"))
    assert head == "| tree | " + " | ".join(OPERATIONS) + " |"
    cells = {
        cell.strip()
        for line in text.splitlines()
        if line.startswith("| lib-")
        for cell in line.split("|")[2:-1]
    }
    assert "ok" in cells and cells <= {"ok", "not offered", "fault"}


def test_every_vendor_class_is_in_the_page():
    from bloomery.drivers.redfish.vendors import VENDORS

    text = (Path(__file__).parents[3] / "docs" / "bmcs.md").read_text()
    assert [one.kind for one in VENDORS if f"| `{one.kind}` |" not in text] == []


@pytest.mark.parametrize("words", [[], ["a", "b"], ["a", "--yaml"], ["a", "--page"]])
def test_words_that_are_none(words, capsys):
    assert main(words) == 2
    assert "usage" in capsys.readouterr().err
