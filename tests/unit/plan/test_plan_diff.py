"""Two plans compared: nothing is missed, nothing is made up, order is no difference."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import handmade
import pytest
import typer
from typer.testing import CliRunner

from bloomery.cli.plan import app as plan_app
from bloomery.errors import FaultsError
from bloomery.plan import Plan, make_plan
from bloomery.plan.diff import SEQUENCES, Change, Difference, diff
from bloomery.site import load

ROOT = Path(__file__).parents[3]
LAB = str(ROOT / "inventories" / "lab")

PLANS: Mapping[str, Callable[[], Plan]] = {
    "handmade": lambda: handmade.plan(1),
    "lab": lambda: make_plan(load(LAB)),
    "gb300": lambda: make_plan(load(ROOT / "inventories" / "example-gb300")),
    "projects": lambda: make_plan(load(ROOT / "tests" / "golden" / "projects")),
}


def shuffled(value: Any, chance: random.Random, name: str = "") -> Any:
    """The same plan with every list in another order."""
    if is_dataclass(value):
        return replace(
            value,  # type: ignore[type-var]
            **{f.name: shuffled(getattr(value, f.name), chance, f.name) for f in fields(value)},
        )
    if isinstance(value, tuple) and not hasattr(value, "_fields") and name not in SEQUENCES:
        return tuple(chance.sample([shuffled(item, chance) for item in value], len(value)))
    if isinstance(value, Mapping):
        return {key: shuffled(value[key], chance) for key in chance.sample([*value], len(value))}
    return value


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_does_not_differ_from_itself_in_any_order(name: str) -> None:
    plan = PLANS[name]()
    other = shuffled(Plan.from_json(plan.to_json()), random.Random(1))
    found = diff(plan, other)
    assert (found.shifts, found.differences) == ((), ())


def flips(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The same value with one leaf changed, for every leaf; of a long list its first item."""
    if is_dataclass(value):
        for item in fields(value):
            for where, other in flips(getattr(value, item.name), f"{path}.{item.name}"):
                yield where, replace(value, **{item.name: other})  # type: ignore[type-var]
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        for name in value._fields:
            for where, other in flips(getattr(value, name), f"{path}.{name}"):
                yield where, value._replace(**{name: other})
    elif isinstance(value, tuple) and value:
        yield f"{path}[]", value[1:]
        for where, other in flips(value[0], f"{path}[0]"):
            yield where, (other, *value[1:])
    elif isinstance(value, Mapping):
        yield f"{path}{{}}", {**value, "another": next(iter(value.values()), "x")}
    elif isinstance(value, bool):
        yield path, not value
    elif isinstance(value, int | float):
        yield path, value + 1
    elif isinstance(value, str):
        yield path, f"{value}x"


DERIVED = {
    ".fabric.cables[0].a_index",
    ".fabric.cables[0].b_index",
    ".fabric.cables[0].a_label",
    ".fabric.cables[0].b_label",
    ".fabric.cables[0].id",
}
"""Follow from the ends of the cable, which are compared."""


@pytest.mark.parametrize("name", PLANS)
def test_every_leaf_of_a_plan_counts(name: str) -> None:
    plan = PLANS[name]()
    missed = [
        where
        for where, other in flips(plan)
        if not diff(plan, other).differences and where not in DERIVED and ".items[0]" not in where
    ]
    assert missed == [
        f"{part}.items[]" for part in [".metal.racks[0]"] if plan.metal.racks[0].items
    ]


def test_more_units_only_add(one_su: Plan) -> None:
    found = diff(one_su, handmade.plan(2))
    added = [d for d in found.differences if d.kind in ("node", "rack") and d.what == "added"]
    assert len(added) == 32 + 9
    assert not [d for d in found.differences if d.kind == "node" and d.what != "added"]
    sums = {(shift.noun, shift.name): (shift.old, shift.new) for shift in found.shifts}
    assert sums["metal", "machines"] == (32, 64)
    assert sums["metal", "power"] == (460, 920)
    assert sums["cooling", "flow"] == (520, 1040)


def test_a_machine_moves_and_changes(one_su: Plan) -> None:
    first, *rest = one_su.metal.nodes
    moved = replace(first, rack="r0009", unit=30, host=replace(first.host, address="10.80.9.30"))
    found = diff(one_su, replace(one_su, metal=replace(one_su.metal, nodes=(moved, *rest))))
    assert found.differences == (
        Difference(
            "metal",
            "node",
            first.name,
            "moved",
            (
                Change("rack", "r0001", "r0009"),
                Change("unit", 1, 30),
                Change("host.address", first.host.address, "10.80.9.30"),
            ),
        ),
    )


def test_a_cable_that_keeps_an_end_is_moved(one_su: Plan) -> None:
    first, second, *rest = one_su.fabric.cables
    low = first._replace(id="x", b_port="p31/1", b_index=61)
    high = second._replace(id="y", a_device="s01-n31")
    plan = replace(one_su, fabric=replace(one_su.fabric, cables=(low, high, *rest)))
    found = diff(one_su, plan).differences
    assert [(d.kind, d.name, d.what, d.changes) for d in found] == [
        ("cable", first.id, "moved", (Change("b_port", "p01/1", "p31/1"),)),
        ("cable", second.id, "moved", (Change("a_device", "s01-n02", "s01-n31"),)),
    ]


def test_lists_tell_only_what_the_other_lacks(one_su: Plan) -> None:
    loop = replace(one_su.cooling.loops[0], cdus=("tcs01-cdu1", "tcs01-cdu2", "other"))
    plan = replace(one_su, cooling=replace(one_su.cooling, loops=(loop,)))
    (found,) = diff(one_su, plan).differences
    assert found.changes == (Change("cdus", ("tcs01-cdu3",), ("other",)),)


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.add_typer(plan_app, name="plan")
    return made


def test_command_compares_a_site_with_a_file(app: typer.Typer, tmp_path: Path) -> None:
    CliRunner().invoke(app, ["plan", LAB, "--out", str(tmp_path / "out")])
    for other in ("out", "out/plan.json"):
        result = CliRunner().invoke(app, ["plan", "diff", LAB, str(tmp_path / other)])
        assert (result.exit_code, result.stdout) == (0, "no differences\n")


def test_command_shows_sums_counts_and_values(app: typer.Typer, tmp_path: Path) -> None:
    files = []
    for su in (1, 2):
        files.append(str(tmp_path / f"{su}.json"))
        Path(files[-1]).write_bytes(handmade.plan(su).to_json())
    shown = CliRunner().invoke(app, ["plan", "diff", *files]).stdout
    assert max(map(len, shown.splitlines())) <= 100
    assert len(shown.splitlines()) < 80
    assert "s01-n01" not in shown and "s02-n01, s02-n02 and 30 more" in " ".join(shown.split())
    told = json.loads(CliRunner().invoke(app, ["plan", "diff", *files, "--json"]).stdout)
    assert {"kind": "node", "name": "s02-n32", "what": "added", "noun": "metal", "changes": []} in (
        told["differences"]
    )


def test_bad_plan_files_tell_every_fault(tmp_path: Path, app: typer.Typer) -> None:
    data = json.loads(handmade.plan(1).to_json())
    data["site"]["lab"] = "no"
    data["metal"]["racks"][0]["power_kw"] = None
    data["fabric"]["cables"][0][5] = "1"
    data["fabric"]["cables"][1] = data["fabric"]["cables"][1][:3]
    data["fabric"]["more"] = 1
    del data["metal"]["nodes"][0]["identity"]["bmc_mac"]
    data["runs"] = {}
    with pytest.raises(FaultsError) as caught:
        Plan.from_json(json.dumps(data).encode(), "p.json")
    assert sorted(str(fault) for fault in caught.value.faults) == [
        "p.json:0 fabric.cables[0].a_index: is text, not a whole number",
        "p.json:0 fabric.cables[1]: is not a row of 17 values",
        "p.json:0 fabric.more: unknown key",
        "p.json:0 metal.nodes[0].identity.bmc_mac: is missing",
        "p.json:0 metal.racks[0].power_kw: is null, not a number",
        "p.json:0 runs: is a dict, not a list",
        "p.json:0 site.lab: is text, not true or false",
    ]
    file = tmp_path / "plan.json"
    file.write_text("{", encoding="utf-8")
    result = CliRunner().invoke(app, ["plan", "diff", str(file), LAB])
    assert isinstance(result.exception, FaultsError)
    assert "not JSON" in str(result.exception)


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_comes_back_from_its_bytes(name: str) -> None:
    plan = PLANS[name]()
    again = Plan.from_json(plan.to_json())
    assert again == plan
    assert again.to_json() == plan.to_json()


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_comes_back_from_its_document(name: str) -> None:
    plan = PLANS[name]()
    again = Plan.from_json(plan.to_document())
    assert again == plan
    assert again.digest == plan.digest


def test_the_document_names_every_field_of_a_cable(one_su: Plan) -> None:
    document = json.loads(one_su.to_document())
    assert len(document["fabric"]["cables"]) == len(one_su.fabric.cables) > 0
    assert document["fabric"]["cables"][0] == one_su.fabric.cables[0]._asdict()


def test_a_plan_of_an_older_version_takes_defaults(one_su: Plan) -> None:
    data = json.loads(one_su.to_json())
    del data["fabric"]["tenants"]
    del data["metal"]["racks"][0]["items"]
    again = Plan.from_json(json.dumps(data).encode())
    assert again.fabric.tenants == () and again.metal.racks[0].items == ()
