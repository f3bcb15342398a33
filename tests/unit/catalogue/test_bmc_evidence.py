"""What the catalogue says of the BMC of a model is what the table of recorded trees says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pytest

from bloomery.catalogue import NodeModel, node_model, node_models
from bloomery.catalogue.bmc_evidence import NEEDED, Operation

PAGE = (Path(__file__).parents[3] / "docs" / "bmcs.md").read_text(encoding="utf-8")
BARE = {"key": "x", "title": "x", "virtual": "none", "asks": ["height_u", "power_kw"]}


def table() -> Mapping[str, Mapping[str, str]]:
    """Tree -> operation -> outcome."""
    lines = PAGE.partition("<!-- trees -->")[2].partition("<!-- end of trees -->")[0].splitlines()
    rows = [[cell.strip() for cell in it.split("|")[1:-1]] for it in lines if it.startswith("| ")]
    head, *trees = rows
    return {name: dict(zip(head[1:], cells, strict=True)) for name, *cells in trees}


def of(*trees: tuple[str, list[str]], **changes: object) -> NodeModel:
    proven = [
        {"tree": tree, "operations": passed, "source": "chosen here"} for tree, passed in trees
    ]
    return NodeModel.model_validate({**BARE, "bmc": {"proven_by": proven}, **changes})


def contradicted(model: NodeModel) -> list[str]:
    """What the catalogue says passes, and the table does not."""
    found = table()
    said = [(it.tree, operation) for it in model.bmc.proven_by for operation in it.operations]
    return [f"{tree}: {one}" for tree, one in said if found.get(tree, {}).get(one) != "ok"]


@pytest.mark.parametrize("key", [key for key, it in node_models().items() if it.bmc.trees])
def test_every_tree_of_a_model_passes_what_it_is_said_to(key: str) -> None:
    assert contradicted(node_model(key)) == []


def test_a_tree_that_is_none_or_fails_is_found() -> None:
    assert contradicted(of(("lib-nobody", ["facts"]))) == ["lib-nobody: facts"]
    assert contradicted(of(("cray-EX425", ["password", "power"]))) == ["cray-EX425: power"]


def test_which_models_are_proven_and_which_are_not() -> None:
    metal = {key: it for key, it in node_models().items() if it.virtual == "none"}
    proven = {key for key, it in metal.items() if not it.unproven}
    assert proven == {"dgx-h100", "dgx-h200", "gb200-nvl72"}
    assert not any(it.unproven for key, it in node_models().items() if key not in metal), "the lab"
    assert metal["mi300x"].unproven == "no recorded BMC tree stands for mi300x"


def test_an_installation_takes_every_operation() -> None:
    assert set(NEEDED) == set(get_args(Operation)) <= set(table()["lib-dell"])
    most = list(NEEDED[:-1])
    assert of(("a", most)).unproven == "the recorded BMC trees of x (a) do not pass password"
    assert of(("a", most), ("b", ["password"])).unproven == ""
    assert of(("a", ["facts"]), virtual="ghost").unproven == ""
