"""UUIDs that boards report when nobody set one: many machines share them, so they prove nothing.

Sources: ``valid_hostid`` in FreeBSD's ``libexec/rc/rc.d/hostid``, osquery's
``kPlaceholderHardwareUUIDList`` (``osquery/core/system.cpp``), systemd (``id128_get_product``
refuses all zeros and all ones), and SMBIOS 2.6 (DSP0134, 7.2.1) for the two orders of octets in
which one and the same value is shown.
"""

from __future__ import annotations

import uuid

KNOWN = frozenset(
    uuid.UUID(text)
    for text in (
        "00010203-0405-0607-0809-0a0b0c0d0e0f",  # octets counted through
        "03000200-0400-0500-0006-000700080009",  # AMI and Gigabyte
        "07090201-0103-0301-0807-060504030201",
        "10000000-0000-8000-0040-000000000000",
        "11111111-2222-3333-4444-555555555555",
        "12345678-1234-5678-90ab-cddeefaabbcc",  # Insyde
        "4c4c4544-0000-2010-8020-80c04f202020",  # Dell, with a service tag of blanks
        "890e2d14-cacd-45d1-ae66-bc80e8bfeb0f",
        "8e275844-178f-44a8-aceb-a7d7e5178c63",
        "dc698397-fa54-4cf2-82c8-b1b5307a6a7f",
        "deadbeef-dead-beef-dead-beefdeadbeef",
    )
)
"""Values of no machine of its own, in one of their two orders."""

UNSET_TAIL = bytes.fromhex("ffff" * 5)
"""The last octets of firmware that sets a prefix only (FreeBSD: ``*-ffff-ffff-ffffffffffff``)."""


def is_placeholder(value: uuid.UUID) -> bool:
    """Whether many machines report ``value``."""
    either = {value, uuid.UUID(bytes=value.bytes_le)}
    return (
        len(set(value.bytes)) == 1
        or value.bytes.endswith(UNSET_TAIL)
        or not either.isdisjoint(KNOWN)
    )
