"""Vendors whose trees do not tell the truth, one class a file: what is true instead.

Lives here: corrections of a personality that was derived from the tree. Must not live here: what
a tree declares, however odd; that is the core's to follow.
"""

from bloomery.drivers.redfish.vendors.ami import Ami
from bloomery.drivers.redfish.vendors.dell import Dell
from bloomery.drivers.redfish.vendors.lenovo import Lenovo
from bloomery.drivers.redfish.vendors.standard import Call, Signs, Standard
from bloomery.drivers.redfish.vendors.supermicro import Supermicro

VENDORS: tuple[Standard, ...] = (Dell(), Lenovo(), Ami(), Supermicro())
"""Asked in this order; the first that recognises the BMC is taken."""


def recognise(signs: Signs) -> tuple[Standard, str]:
    """The class of a BMC, and what it was recognised by."""
    for vendor in VENDORS:
        why = vendor.recognises(signs)
        if why:
            return vendor, why
    return Standard(), "no vendor known for a tree that needs correction"


__all__ = ["VENDORS", "Call", "Signs", "Standard", "recognise"]
