"""Which machine it is: all that is told must agree, and it must be enough."""

from __future__ import annotations

import pytest

from bloomery.drivers.redfish.identity import compare
from bloomery.drivers.redfish.protocol import Lack, Sought, SystemFacts

UUID, SERIAL, MAC = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "BX00A17", "02:11:22:33:44:55"
SWAPPED = "3d2c1b0a-5f4e-7160-8293-a4b5c6d7e8f9"
LABEL = Sought("02-11-22-33-44-55", "bx00a17 ", UUID.upper())


def told(macs=(MAC,), serials=(("the chassis", SERIAL),), uuid=UUID) -> SystemFacts:
    lacks = {} if uuid else {"system_uuid": Lack("absent", "the BMC tells no UUID")}
    return SystemFacts(tuple(macs), dict(serials), uuid, "m", "On", "", "", "", lacks=lacks)


def test_label_in_its_own_forms():
    likeness = compare(LABEL, told())
    assert likeness.proven
    assert str(likeness) == (
        "BMC MAC is one of 1 ports; chassis serial is that of the chassis; system UUID is the same"
    )


def test_how_it_was_compared_is_told():
    serials = (("the chassis", "BOARD1"), ("the service tag", SERIAL))
    likeness = compare(LABEL, told(("02:00:00:00:00:01", MAC), serials, SWAPPED))
    assert likeness.proven
    assert likeness.agreed["BMC MAC"] == "is one of 2 ports"
    assert likeness.agreed["chassis serial"] == "is that of the service tag"
    assert "byte order" in likeness.agreed["system UUID"]


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        (told(macs=["02:00:00:00:00:01"]), "BMC MAC"),
        (told(serials=[("the system", "OTHER")]), "chassis serial"),
        (told(uuid="11111111-2222-3333-4444-555555555555"), "system UUID"),
    ],
)
def test_one_that_differs_is_enough(facts, name):
    likeness = compare(LABEL, facts)
    assert not likeness.proven and list(likeness.differs) == [name]


@pytest.mark.parametrize(
    ("facts", "good"),
    [
        (told(uuid=""), True),
        (told(macs=()), True),
        (told(serials=()), True),
        (told(macs=(), uuid=""), False),
        (told(macs=(), serials=()), False),
        (told(serials=(), uuid=""), False),
    ],
)
def test_two_must_be_told_and_one_of_them_names_the_machine(facts, good):
    likeness = compare(LABEL, facts)
    assert likeness.proven is good and not likeness.differs
    assert good or "identity needs" in likeness.lacking()


def test_what_is_not_told_says_why():
    assert compare(LABEL, told(uuid="")).untold == {"system UUID": "the BMC tells no UUID"}


@pytest.mark.parametrize("uuid", ["00000000", "0" * 32])
def test_label_that_is_none_never_agrees(uuid):
    assert "system UUID" in compare(Sought(MAC, SERIAL, uuid), told()).differs
