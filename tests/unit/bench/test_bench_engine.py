"""The two sides through the real engine: filled by real phases, and unchanged means unchanged."""

from __future__ import annotations

import json

import pytest

from bench.engine import INSTANT
from bench.filled import Shelf
from bench.row import BenchError


@pytest.fixture(scope="module")
def shelf():
    made = Shelf(lambda _: None)
    yield made
    made.close()


def test_nodes_are_really_up_and_nothing_changes_after(shelf: Shelf) -> None:
    filled = shelf.get(2)
    exported = json.loads(filled.ours.pulumi("stack", "export"))["deployment"]["resources"]
    nodes = [item["outputs"] for item in exported if item["type"] == "bloomery:metal:Node"]
    assert [node["phase"] for node in nodes] == ["reachable"] * 2
    assert str(INSTANT) not in (filled.ours.folder / "Pulumi.yaml").read_text()
    filled.ours.nothing_changes()
    assert filled.ours.state_file.stat().st_size > 4_000
    assert shelf.get(2) is filled


def test_a_change_is_found_on_either_side(shelf: Shelf) -> None:
    filled = shelf.get(2)
    listed = filled.bare.folder / "programme" / "resources.json"
    resources = json.loads(listed.read_text())
    resources["another"] = {"x": 1}
    listed.write_text(json.dumps(resources))
    with pytest.raises(BenchError, match="created"):
        filled.bare.nothing_changes()
