"""``bloomery bmc record``: a tree without identities, with which the same works."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).parents[1] / "drivers" / "redfish"))

from small_tree import LEAF, MAC, PASSWORD, SERIAL, SYSTEM, USER, UUID, V1, SmallTree

from bloomery.cli.main import command_line
from bloomery.errors import InputError
from trees.bmc import RecordedBmc
from trees.operations import OPERATIONS, try_all
from trees.recording import Recording
from trees.server import serve


def record(tree: SmallTree, out: Path, *words: str, pin: str = LEAF.sha256) -> tuple[Result, set]:
    """Record a served tree; the result, and the methods that reached the server."""
    served = RecordedBmc(Recording("small", tree.resources), USER, PASSWORD, first=tree.first)
    answer, asked = served.answer, set()

    def told(method: str, path: str, headers, data):
        asked.add((method, "Sessions" in path))
        return answer(method, path, headers, data)

    served.answer = told  # type: ignore[method-assign]
    with serve(served, LEAF) as address:
        login = ["--pin", pin, "--password-file", "-"] if pin else []
        done = CliRunner().invoke(
            command_line(["bmc"]),
            ["bmc", "record", address, str(out), *login, *words],
            input=f"{PASSWORD}\n",
        )
    return done, asked


def test_recording_passes_as_the_original(tmp_path):
    tree = SmallTree()
    tree[SYSTEM].update(Manufacturer="Contoso", Model="BX-1")
    tree[f"{V1}/Chassis/Box"]["Description"] = f"of {SERIAL} at 10.9.8.7"
    done, asked = record(tree, tmp_path)
    assert done.exit_code == 0, done.output
    (file,) = tmp_path.iterdir()
    assert file.name == "contoso-bx-1.json" and str(file) in done.output
    text = file.read_text()
    for one in (SERIAL, UUID, MAC, PASSWORD, "10.9.8.7"):
        assert one not in text
    assert set(json.loads(text)) == {"source", "tree", "resources"}
    before = try_all(Recording("small", tree.resources), LEAF)
    after = try_all(Recording.read(file), LEAF)
    assert before == after == dict.fromkeys(OPERATIONS, "ok")
    assert {one for one in asked if one[0] != "GET"} == {("POST", True), ("DELETE", True)}


def test_recording_keeps_what_does_not_work(tmp_path):
    tree = SmallTree()
    tree[SYSTEM].pop("UUID")
    tree[f"{V1}/Chassis/Box"].pop("SerialNumber")
    tree[SYSTEM].pop("SerialNumber")
    tree[SYSTEM]["Actions"] = {}
    assert record(tree, tmp_path / "odd.json")[0].exit_code == 0
    before = try_all(Recording("odd", tree.resources), LEAF)
    after = try_all(Recording.read(tmp_path / "odd.json"), LEAF)
    assert before == after
    assert after["facts"].startswith("fault") and after["power"] == "not offered"


def test_bound_is_told_and_no_success(tmp_path):
    done, _ = record(SmallTree(), tmp_path / "few.json", "--most", "5")
    assert done.exit_code == 1
    assert "left out by --most or --seconds" in done.output
    assert len(Recording.read(tmp_path / "few.json").resources) == 5


@pytest.mark.parametrize("name", ["there.json", "no-folder", "no-folder/x.json"])
def test_bad_place_is_told_before_anything_is_asked(tmp_path, name):
    (tmp_path / "there.json").write_text("mine")
    done, asked = record(SmallTree(), tmp_path / name)
    assert isinstance(done.exception, InputError)
    assert asked == set()
    assert (tmp_path / "there.json").read_text() == "mine"


def test_file_of_that_machine_is_not_overwritten(tmp_path):
    (tmp_path / "bx-1.json").write_text("mine")
    done, _ = record(SmallTree(), tmp_path)
    assert isinstance(done.exception, InputError) and "overwrites no file" in str(done.exception)
    assert (tmp_path / "bx-1.json").read_text() == "mine"


def test_unpinned_and_factory_password_write_nothing(tmp_path):
    done, asked = record(SmallTree(), tmp_path, pin="")
    assert isinstance(done.exception, InputError) and asked == {("GET", False)}
    done, _ = record(SmallTree(first=True), tmp_path)
    assert isinstance(done.exception, InputError)
    assert "password must be changed first" in str(done.exception)
    assert list(tmp_path.iterdir()) == []
