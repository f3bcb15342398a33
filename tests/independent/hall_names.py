"""Names of a drawn site as halls have them, in place of r01, row-1 and pool-001."""

from __future__ import annotations

import re
from collections.abc import Callable

from site_draft import Draft

STYLES = (("A{}", "B{}"), ("dh1-a-{}", "dh1-b-{}"), ("Row{}-L", "Row{}-R"))
"""Names of racks of machines and of racks of switches: the same digits in two rows."""

DOMAIN = ".hall1.example.gov.ua"

ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def say_names(draft: Draft) -> None:
    """Names of a hall for some sites: everything else of them stays as it was drawn."""
    if draft.chance(4):
        machines, switches = draft.random.choice(STYLES)
        style = {"r": machines, "n": switches}
        draft.sheet = _renamed(draft.sheet, lambda text: _rack(text, style))  # type: ignore[assignment]
        for row in draft.rows:
            row["rack"] = _rack(str(row["rack"]), style)
        if draft.chance(5):
            _numbers(draft)
    fabric = draft.sheet.get("fabric")
    if draft.chance(3) and isinstance(fabric, dict) and "distances" in fabric:
        _rows(draft, fabric["distances"])
    _machines(draft)


def _rack(text: str, style: dict[str, str]) -> str:
    if not re.fullmatch(r"[rn][0-9]+(\.\.[rn][0-9]+)?", text):
        return text
    return "..".join(style[name[0]].format(name[1:]) for name in text.split(".."))


def _renamed(value: object, told: Callable[[str], str]) -> object:
    """``value`` with every text in it, keys too, as ``told`` says."""
    if isinstance(value, dict):
        return {told(str(key)) if isinstance(key, str) else key: _renamed(item, told)
                for key, item in value.items()}  # fmt: skip
    if isinstance(value, list):
        return [_renamed(item, told) for item in value]
    return told(value) if isinstance(value, str) else value


def _numbers(draft: Draft) -> None:
    """A number at every other entry of the list, each beyond all before it."""
    racks, beyond = draft.sheet["racks"], 11
    assert isinstance(racks, list)
    for at, entry in enumerate(racks):
        digits = [int(it) for it in re.findall(r"[0-9]{2,}", entry["name"])]
        if at % 2 == 0:
            entry["number"] = beyond
        beyond += digits[-1] - digits[0] + 1 + (at % 3)


def _rows(draft: Draft, distances: dict[str, object]) -> None:
    """Rows called by letters, which stand in the order of a list."""
    letters = list("ABCDEFGHI")
    draft.sheet = _renamed(  # type: ignore[assignment]
        draft.sheet,
        lambda text: letters[int(text[4:]) - 1] if re.fullmatch("row-[1-9]", text) else text,
    )
    fabric = draft.sheet["fabric"]
    assert isinstance(fabric, dict)
    draft.random.shuffle(letters)
    fabric["distances"] = {**distances, "rows": letters}


def _machines(draft: Draft) -> None:
    """Domains, numbers in a column of their own, and columns of the buyer."""
    domain, numbered, further = (draft.chance(3) for _ in range(3))
    for at, row in enumerate(draft.rows):
        name = str(row["name"])
        if numbered:
            row["number"] = int(name[-3:])
            tens, ones = divmod(int(name[-3:]), 26)
            name = f"{name[:-4]}-x{ALPHABET[tens]}{ALPHABET[ones]}"
        row["name"] = name + DOMAIN if domain else name
        if further:
            row |= {"Order no.": f"PO-{at // 3}", "asset_tag": f"T{at:05}" if at % 4 else ""}
