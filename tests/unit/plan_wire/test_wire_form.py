"""A slice of the plan to plain properties and back, and the exact text of what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bloomery.plan.model import (
    BmcPlan,
    ClusterPlan,
    HostPlan,
    Identity,
    NodePlan,
    Plan,
    RackPlan,
    RunPlan,
    SiteFacts,
    TierPlan,
)
from bloomery.plan.wire import camel, from_wire, props, to_wire

KINDS = (
    BmcPlan,
    ClusterPlan,
    HostPlan,
    Identity,
    NodePlan,
    RackPlan,
    SiteFacts,
    TierPlan,
)


@dataclass(frozen=True)
class Inner:
    some_name: str
    count: int = 3


@dataclass(frozen=True)
class Outer:
    inner: Inner
    ratio: float
    many: tuple[Inner, ...] = ()
    by_name: Mapping[str, Inner] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    flag: bool = False
    maybe: str | None = None


def test_keys_are_camel_case_and_data_keys_stay() -> None:
    outer = Outer(Inner("a"), 1.5, by_name={"r01-u02": Inner("b", 4)}, words=("x",))
    assert to_wire(outer) == {
        "inner": {"someName": "a", "count": 3},
        "ratio": 1.5,
        "many": [],
        "byName": {"r01-u02": {"someName": "b", "count": 4}},
        "words": ["x"],
        "flag": False,
        "maybe": None,
    }
    assert camel("install_generation") == "installGeneration"
    assert camel("name") == "name"


@pytest.mark.parametrize("kind", (*KINDS, Inner, Outer))
def test_camel_keys_of_a_class_never_meet(kind: type) -> None:
    names = [camel(one.name) for one in fields(kind)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_of_the_plan_comes_back(kind: type) -> None:
    @given(st.builds(kind))
    def check(part: object) -> None:
        assert from_wire(kind, props(part)) == part

    check()


PLAIN = st.recursive(
    st.booleans() | st.integers(-(2**40), 2**40) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), PLAIN))
def test_variables_of_a_run_keep_their_types_though_the_engine_knows_floats_only(values) -> None:
    """1 and true stay apart, and a port is no 8000.0."""
    run = RunPlan("r", "r", "metal", "metal", "r", (), {}, (), values, {"n01": values})
    wire = props(run)
    wire["vars"], wire["hostVars"] = floats(wire["vars"]), floats(wire["hostVars"])
    back = from_wire(RunPlan, wire)
    assert repr(back) == repr(run)


def floats(value):
    if isinstance(value, dict):
        return {key: floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [floats(item) for item in value]
    return float(value) if type(value) is int else value


def test_numbers_of_the_wire_are_floats() -> None:
    back = from_wire(Inner, {"someName": "a", "count": 4.0})
    assert back == Inner("a", 4) and type(back.count) is int
    assert type(from_wire(Outer, {"inner": {"someName": "a"}, "ratio": 2}).ratio) is float


def test_unknown_keys_are_passed_over_and_defaults_filled_in() -> None:
    assert from_wire(Inner, {"someName": "a", "phase": "boot"}) == Inner("a", 3)


GOOD = {"inner": {"someName": "a"}, "ratio": 1.0}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"inner": {}}, "inner.someName is missing"),
        ({"inner": "x"}, "inner is not a mapping"),
        ({"inner": {"someName": 7}}, "inner.someName has the wrong type (int)"),
        ({"inner": {"someName": "a", "count": 1.5}}, "inner.count is not a whole number"),
        ({"inner": {"someName": "a", "count": True}}, "inner.count has the wrong type (bool)"),
        ({"inner": {"someName": "a", "count": "3"}}, "inner.count has the wrong type (str)"),
        ({"ratio": "1"}, "ratio has the wrong type (str)"),
        ({"ratio": None}, "ratio has the wrong type (NoneType)"),
        ({"many": {}}, "many is not a list"),
        ({"many": [{}]}, "many.someName is missing"),
        ({"byName": {"r01": {}}}, "byName.r01.someName is missing"),
        ({"byName": []}, "byName is not a mapping"),
        ({"words": [1]}, "words has the wrong type (int)"),
        ({"flag": 1}, "flag has the wrong type (int)"),
        ({"maybe": 1}, "maybe has the wrong type (int)"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        from_wire(Outer, {**GOOD, **change})  # type: ignore[dict-item]
    assert str(caught.value) == reason


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_are_none(value: float) -> None:
    with pytest.raises(ValueError, match="count is not a whole number"):
        from_wire(Inner, {"someName": "a", "count": value})


def test_optional_may_be_none() -> None:
    assert from_wire(Outer, {**GOOD, "maybe": None}).maybe is None  # type: ignore[dict-item]
    assert from_wire(Outer, {**GOOD, "maybe": "x"}).maybe == "x"  # type: ignore[dict-item]


@pytest.mark.parametrize("value", [b"x", object(), {1, 2}])
def test_what_has_no_wire_form(value: object) -> None:
    with pytest.raises(TypeError, match="has no wire form"):
        to_wire({"a": [value]})


def test_props_of_no_mapping() -> None:
    with pytest.raises(TypeError, match="is not a set of properties"):
        props(("a",))


def test_a_class_is_no_value() -> None:
    with pytest.raises(TypeError, match="type has no wire form"):
        to_wire(Plan)
