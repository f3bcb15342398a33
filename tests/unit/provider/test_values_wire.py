"""Values to the engine and back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental.property_value import PropertyValue

from bloomery.provider import values
from bloomery.provider.values import UNKNOWN, Props, known, of_wire, read, settled, write

TEXT = st.text(max_size=12)
SCALARS = st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)
MARK = "4dabf18193072939515e22adb298388d"


def plain(value: object) -> bool:
    """Whether no key looks like the mark the wire uses itself."""
    if isinstance(value, dict):
        return MARK not in value and all(plain(item) for item in value.values())
    return not isinstance(value, list) or all(plain(item) for item in value)


@given(st.dictionaries(TEXT, TREES, max_size=4).filter(plain))
def test_roundtrip(props: Props) -> None:
    assert read(write(props)) == props


@given(st.dictionaries(TEXT, TREES, min_size=1, max_size=4).filter(plain))
def test_secrets_are_marked_and_opened(props: Props) -> None:
    name = sorted(props)[0]
    struct = write(props, (name,))
    assert PropertyValue.unmarshal_map(struct)[name].is_secret
    assert read(struct) == props


@given(st.dictionaries(TEXT, TREES, max_size=4).filter(plain), st.data())
def test_what_is_read_here_is_what_the_sdk_reads(props: Props, data: st.DataObject) -> None:
    """Secrets at any depth included: only the plain part of the wire has a reader of our own."""
    wrapped = PropertyValue({"deep": _some_secret(props, data)}).marshal()
    theirs = values._plain(PropertyValue.unmarshal(wrapped))
    assert read(wrapped.struct_value) == theirs == {"deep": props}


def _some_secret(value: object, data: st.DataObject) -> PropertyValue:
    """``value`` with parts of it marked secret."""
    if isinstance(value, dict):
        made = PropertyValue({key: _some_secret(item, data) for key, item in value.items()})
    elif isinstance(value, list):
        made = PropertyValue([_some_secret(item, data) for item in value])
    else:
        made = PropertyValue(value)  # type: ignore[arg-type]
    return made.with_secret(data.draw(st.booleans()))


def test_numbers_are_never_integers_on_the_wire() -> None:
    seen = read(write({"n": 7, "deep": [{"m": 8}], "flag": True}))
    assert seen == {"n": 7.0, "deep": [{"m": 8.0}], "flag": True}
    assert type(seen["n"]) is float and seen["flag"] is True


def test_unknown_survives_at_any_depth() -> None:
    props: Props = {"a": UNKNOWN, "b": {"c": [1.0, UNKNOWN]}, "d": "known"}
    again = read(write(props, ("a",)))
    assert again["a"] is UNKNOWN
    assert again["b"]["c"][1] is UNKNOWN  # type: ignore[index,call-overload]
    assert again["d"] == "known"
    assert repr(UNKNOWN) == "UNKNOWN"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (UNKNOWN, False),
        ({"a": [UNKNOWN]}, False),
        ([{"a": 1.0}], True),
        (None, True),
        ("", True),
    ],
)
def test_known(value, expected: bool) -> None:
    assert known(value) is expected


def test_settled_names_what_is_not_known() -> None:
    with pytest.raises(ValueError, match=r"hosts.n01.installId is not known yet"):
        settled({"hosts": {"n01": {"installId": UNKNOWN}}})
    assert settled({"a": [1.0, {"b": None}]}) == {"a": [1.0, {"b": None}]}


def test_what_has_no_wire_form_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes has no wire form"):
        write({"a": b"x"})
    with pytest.raises(TypeError, match="object has no wire form"):
        write({"a": [object()]})


def test_of_wire_copies() -> None:
    wire = {"a": 1, "b": [math.pi]}
    props = of_wire(wire)  # type: ignore[arg-type]
    assert props == wire and props is not wire
    assert values.UNKNOWN is UNKNOWN
