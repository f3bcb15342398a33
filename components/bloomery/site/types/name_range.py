"""Rack names, and names in a row written as a span: ``A01..A16`` is A01, A02, and so on to A16."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator

from bloomery.names import MOST_DIGITS
from bloomery.site.reading.document import shorten
from bloomery.site.reading.fault_texts import refuse

RACK_NAME = re.compile(r"[A-Za-z]([A-Za-z0-9-]{0,46}[A-Za-z0-9])?")
"""As halls call them. A rack's parts are called after it (``A01-nvlink-12``), and a DNS label ends
at 63 characters: 48 leave room for that."""

RACK_HINT = "a letter, then up to 47 letters, digits and inner hyphens: A01, dh1-a-09"

_HYPHENATED = re.compile(r"(?P<head>.*?)(?P<first>[0-9]+)-(?P=head)(?P<last>[0-9]+)")
"""``A01-A16``: a span by the look of it, and a name by the letters in it."""


def expand(written: str) -> tuple[str, ...]:
    """Rack names that ``written`` stands for: those of a span, or the one name itself.

    The number in which both ends differ is counted, wherever in the name it stands, and written
    as wide as in the first: ``r001..r128``, ``dh1-a-01..dh1-a-16``, ``A01-L..A16-L``. Raises
    PydanticCustomError for a span that is in descending order, or whose ends differ in
    anything else.
    """
    start, dots, end = written.partition("..")
    if not dots:
        return (written,)
    head, first, tail, last = _ends(written, start, end)
    if int(last) < int(first):
        raise refuse(f"{written!r} is in descending order", "the lower number comes first")
    numbers = range(int(first), int(last) + 1)
    return tuple(f"{head}{number:0{len(first)}}{tail}" for number in numbers)


def _ends(written: str, start: str, end: str) -> tuple[str, str, str, str]:
    """What stands before the number, the number itself, what stands behind it, and the last."""
    parts, others = (re.split(r"([0-9]+)", text) for text in (start, end))
    digits = range(1, len(parts), 2)
    alike = parts[::2] == others[::2]
    differ = [at for at in digits if parts[at] != others[at]] if alike else []
    if not digits:
        raise refuse(f"{written!r} counts no number", "A01..A16")
    if not alike or len(differ) > 1:
        at = digits[-1]
        head, tail = "".join(parts[:at]), "".join(parts[at + 1 :])
        reason = f"{written!r} has different letters at its ends"
        if alike:
            reason = f"{written!r} counts more than one number"
        raise refuse(reason, f"{start}..{head}{'N' * len(parts[at])}{tail}")
    at = differ[0] if differ else digits[-1]
    if max(len(parts[at]), len(others[at])) > MOST_DIGITS:
        raise refuse(f"{written!r} counts more than {MOST_DIGITS} digits", "A0001..A0016")
    return "".join(parts[:at]), parts[at], "".join(parts[at + 1 :]), others[at]


def expand_all(written: Iterable[str]) -> tuple[str, ...]:
    """All names of a list of names and spans, in the order they are written."""
    return tuple(name for item in written for name in expand(item))


def is_rack_or_range(text: str) -> bool:
    """Whether ``text`` is written as a rack or as a span of racks is; ``expand`` may refuse it
    nevertheless."""
    start, dots, end = text.partition("..")
    return all(RACK_NAME.fullmatch(name) for name in ((start, end) if dots else (start,)))


def _rack_or_range(text: str) -> str:
    if not is_rack_or_range(text):
        hint = f"{RACK_HINT}; or a span: A01..A16"
        raise refuse(f"{shorten(text)} is no rack" if text else "empty", hint)
    if found := _HYPHENATED.fullmatch(text):
        hint = f"two dots make a span: {found['head']}{found['first']}.."
        raise refuse(f"{text!r} is no rack", f"{hint}{found['head']}{found['last']}")
    expand(text)
    return text


RackRange = Annotated[str, AfterValidator(_rack_or_range)]
"""A rack name, or a span of them."""
