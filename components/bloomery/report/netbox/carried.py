"""Further columns of the delivery list in NetBox: the asset tag, and the rest as comments."""

from __future__ import annotations

from collections.abc import Mapping

from bloomery.site.metal.further_columns import ASSET_TAG, plain_heading

LONGEST_TAG = 50
"""Longest asset tag that NetBox stores."""

FORMULA = ("=", "+", "-", "@")
"""First sign of a cell that a spreadsheet computes."""


def carry(further: Mapping[str, str]) -> tuple[str, str]:
    """Asset tag and comments of a device.

    What NetBox does not take as a tag, and what a spreadsheet would take for a formula, is a
    comment, where the name of the column stands before it.
    """
    tag = next((column for column in further if plain_heading(column) == ASSET_TAG), "")
    if tag and (len(further[tag]) > LONGEST_TAG or further[tag].startswith(FORMULA)):
        tag = ""
    rest = (f"{column}: {text}" for column, text in further.items() if column != tag)
    return further.get(tag, ""), "; ".join(rest)
