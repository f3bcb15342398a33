"""As what the BMCs of a lab's pool show themselves: a key that only a lab may have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from bloomery.errors import Fault
from bloomery.site.reading.document import Document

PersonalityName = Literal[
    "standard",
    "dgx-h100",
    "gb200",
    "gb300",
    "idrac9",
    "idrac10",
    "ilo6",
    "xcc1",
    "xcc2",
    "smc-h100",
    "ami",
    "uefi-http",
]
"""Personalities of the lab's BMC emulator; docs/bmcs.md says what each shows."""

KEY = "personality"

TRUE = ("true", "yes", "on")
"""Words of YAML that say a site is a lab."""


def personality_faults(document: Document) -> Iterator[Fault]:
    """A personality in a site that is no lab: real BMCs have one of their own."""
    data = document.data or {}
    pools, lab = data.get("pools"), str(data.get("lab", "false")).lower()
    for at, pool in enumerate(pools if isinstance(pools, list) and lab not in TRUE else ()):
        if isinstance(pool, dict) and KEY in pool:
            reason = "only BMCs of a lab can be given one"
            yield document.fault(("pools", at, KEY), reason, "leave it out, or 'lab: true'")
