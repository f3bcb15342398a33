"""The asset tag as bloomery writes it: what is installed, and for a time the key of a seed."""

from __future__ import annotations

import re

from bloomery.trust.sealed import KEY_LENGTH

TAG = re.compile(
    r"(?P<marker>bloomery/(?P<site>[^/]+)/g(?P<generation>\d+)(?P<suffix>-installing)?)"
    rf"(/(?P<key>[A-Za-z0-9_-]{{{KEY_LENGTH}}}))?"
)
"""Marker in the system's asset tag: it outlives disks, state files and journals."""


def without_key(tag: str) -> str:
    """A tag that can be shown to people."""
    match = TAG.fullmatch(tag)
    return match["marker"] if match else tag
