"""Values in the forms that BMCs and labels write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bloomery.drivers.redfish import values


@pytest.mark.parametrize(
    "text",
    [
        "AA:BB:CC:00:11:22",
        "aa-bb-cc-00-11-22",
        "AABBCC001122",
        "aabb.cc00.1122",
        " aa:bb:cc:00:11:22 ",
    ],
)
def test_mac_in_every_form(text):
    assert values.mac(text) == "aa:bb:cc:00:11:22"


@pytest.mark.parametrize(
    "text", ["", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "aa:bb", "zz:bb:cc:00:11:22", None, 5]
)
def test_no_mac(text):
    assert values.mac(text) == ""


def test_uuid_in_every_form():
    plain = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
    for text in (plain, plain.upper(), plain.replace("-", ""), "{" + plain + "}"):
        assert values.uuid(text) == plain


@pytest.mark.parametrize(
    "text", ["", "0" * 32, "ffffffff-ffff-ffff-ffff-ffffffffffff", "1234", None, 7]
)
def test_no_uuid(text):
    assert values.uuid(text) == ""


def test_uuid_that_begins_with_zeros_is_one():
    assert values.uuid("00000000-0000-0000-0000-AC1F6B000001")


def test_uuid_with_its_bytes_swapped():
    assert (
        values.swapped("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9")
        == "3d2c1b0a-5f4e-7160-8293-a4b5c6d7e8f9"
    )


@given(st.uuids())
def test_swapping_twice_is_nothing(one):
    assert values.swapped(values.swapped(str(one))) == values.uuid(str(one))


@pytest.mark.parametrize(
    ("told", "plain"), [(" bx00a17 \0", "BX00A17"), (4711, "4711"), ("S-0", "S-0")]
)
def test_serial(told, plain):
    assert values.serial(told) == plain


@pytest.mark.parametrize(
    "told",
    [
        None,
        "",
        "   ",
        "....",
        "0000000000",
        "To Be Filled By O.E.M.",
        "Default string",
        "N/A",
        True,
        "01234567890123456789AB",
        "$PRODUCT_SERIAL",
    ],
)
def test_serial_that_says_nothing(told):
    assert values.serial(told) == ""


@pytest.mark.parametrize("told", ["bloomery/kyiv/g3", "bloomery/kyiv/g3" + " " * 40, "ACME-4711"])
def test_tag_without_its_padding(told):
    assert values.tag(told) == told.strip()


@pytest.mark.parametrize("told", [" " * 32, "Free form asset tag", ".", "$PRODUCT_ASSET_TAG", None])
def test_tag_that_nobody_wrote(told):
    assert values.tag(told) == ""
