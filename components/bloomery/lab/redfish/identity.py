"""Identity and marker of the machine, written as its personality writes them."""

from __future__ import annotations

from bloomery.drivers.redfish import values
from bloomery.drivers.redfish.fake import FakeBmc
from bloomery.lab.redfish.reply import Json

TAG_LENGTH = 32
"""Characters that a padded tag fills."""

NO_TAG = "Free form asset tag"
"""What stands in a tag that nobody wrote, on some boards."""

SERIAL_LENGTH = 24
"""Characters that a padded serial number fills."""


def uuid(fake: FakeBmc) -> str:
    """The system's UUID."""
    plain = fake.identity.uuid
    form = fake.personality.writing.uuid
    if form == "swapped":
        return values.swapped(plain).upper()
    return plain.upper() if form == "upper" else plain


def serials(fake: FakeBmc) -> Json:
    """SerialNumber, and the SKU where that is what the label shows."""
    serial, form = fake.identity.serial, fake.personality.writing.serial
    if form == "padded":
        return {"SerialNumber": serial.ljust(SERIAL_LENGTH)}
    if form == "sku":
        return {"SerialNumber": f"BOARD{serial[::-1]}", "SKU": serial}
    return {"SerialNumber": serial}


def tag(fake: FakeBmc) -> Json:
    """The asset tag; nothing where there is none."""
    written, form = fake.state.asset_tag, fake.personality.writing.tag
    if form == "absent":
        return {}
    if form == "padded":
        return {"AssetTag": written.ljust(TAG_LENGTH)}
    return {"AssetTag": written or NO_TAG if form == "text" else written}


def tag_writable(fake: FakeBmc) -> bool:
    """Whether there is one to write."""
    return fake.personality.writing.tag != "absent"
