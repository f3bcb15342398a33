"""Columns of the delivery list that the planner does not know: kept, and carried along.

Asset tags and order numbers are the buyer's. What is carried is plain text: it goes into files for
Ansible and NetBox, where a template or a formula would be run.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from bloomery.errors import Fault
from bloomery.site.metal.machine import COLUMNS, OPTIONAL_COLUMNS
from bloomery.site.reading.document import shorten
from bloomery.site.reading.fault_texts import suggest

KNOWN = (*COLUMNS, *OPTIONAL_COLUMNS)
"""Columns with a meaning."""

CLOSE = 0.8
"""Likeness (``difflib``) from which a column is taken for a misspelt one: ``bmc_adress`` has 0.95,
``rack_no`` 0.73, ``order_number`` 0.67."""

HEADING = re.compile(r"[A-Za-z][A-Za-z0-9 _./#()-]{0,62}")
"""A further column's name: begins with a letter, so that no spreadsheet takes it for a formula."""

LONGEST = 200
"""Characters of a further cell: what NetBox takes in one line of text."""

TEMPLATES = ("{{", "{%", "{#")
"""What begins a template of Jinja: Ansible would run it."""

PASSWORD = re.compile(r"(^|_)(pass(word|wd|phrase|code)?|pwd?|secret|credentials?|login)(_|\d*$)")
"""A column that would hold a password, by its plain heading."""

_PLAIN = "letters, digits, signs and blanks; no line break, no control character"

ASSET_TAG = "asset_tag"
"""The further column that names a machine for its owner: each once."""


def plain_heading(column: str) -> str:
    """``Asset Tag`` and ``asset-tag`` are ``asset_tag``."""
    return re.sub(r"[ -]+", "_", column.strip().lower())


def heading_faults(file: str, line: int, header: Sequence[str]) -> Iterator[Fault]:
    """Columns that are there twice, misspelt, or no heading."""
    counts = Counter(plain_heading(column) for column in header)
    missing = [name for name in COLUMNS if name not in header]
    told: set[str] = set()
    for column in header:
        plain = plain_heading(column)
        if counts[plain] > 1 and column and plain not in told:
            told.add(plain)
            yield Fault(
                file, line, column, f"column {column!r} is given twice", _alike(header, plain)
            )
        if column not in KNOWN and (counts[plain] == 1 or not column):
            yield from _further(file, line, column, missing)


def _alike(header: Sequence[str], plain: str) -> str:
    spelled = list(dict.fromkeys(column for column in header if plain_heading(column) == plain))
    return f"as {' and '.join(repr(it) for it in spelled)}" if len(spelled) > 1 else ""


def _further(file: str, line: int, column: str, missing: Sequence[str]) -> Iterator[Fault]:
    plain = plain_heading(column)
    close = get_close_matches(plain, KNOWN, n=1, cutoff=CLOSE)
    # Where a column is missing, one of another name is most likely that one.
    close = close or get_close_matches(plain, missing, n=1)
    if PASSWORD.search(re.sub(r"[^a-z0-9]+", "_", plain)):
        reason = f"column {column!r} would hold a password"
        hint = "no secret in a file: remove the column; factory passwords are sealed in the state"
    elif not column:
        reason, hint = "a column has no name", "name it, or remove the comma at the end"
    elif close:
        reason, hint = f"unknown column {column!r}", suggest(plain, close)
    elif not HEADING.fullmatch(column):
        reason = f"{shorten(column)} is no name of a column"
        hint = "a letter, then up to 62 letters, digits, blanks and _ . / # ( ) -"
    else:
        return
    yield Fault(file, line, column or "(header)", reason, hint)


def further_cells(cells: Mapping[str, str]) -> Mapping[str, str]:
    """The further columns of a row that hold something, by name."""
    return {
        column: cells[column] for column in sorted(cells) if column not in KNOWN and cells[column]
    }


def cell_faults(cells: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Column, reason and hint of every further cell that is not one line of plain text."""
    for column, text in cells.items():
        begun = next((it for it in TEMPLATES if it in text), "")
        if not text.isprintable():
            yield column, f"{shorten(text)} is not one line of printable text", _PLAIN
        elif len(text) > LONGEST:
            yield column, f"{shorten(text)} is too long", f"at most {LONGEST} characters"
        elif begun:
            reason = f"{shorten(text)} contains {begun!r}"
            yield column, reason, "Ansible would run it as a template; remove it"


def tag_faults(file: str, tags: Sequence[tuple[int, str, str, str]]) -> Iterator[Fault]:
    """Asset tags, as (line, machine, column, tag), that an earlier machine has. One without letters
    and digits (``-``) names nothing."""
    first: dict[str, tuple[int, str]] = {}
    for line, machine, column, tag in tags:
        if not any(sign.isalnum() for sign in tag):
            continue
        held, holder = first.setdefault(tag, (line, machine))
        if held != line:
            reason = f"asset tag {tag!r} is that of {holder!r}"
            yield Fault(file, line, f"{machine}.{column}", reason, f"it is given on line {held}")
