"""Values every key of a site takes, found by asking the key: nothing here knows the models."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

import bloomery
from bloomery.runs.registry import run_kinds
from bloomery.site.model import SiteSheet
from bloomery.site.reading.document import Value
from bloomery.site.types.keys import ANY, EACH, Key, Pattern, every_key

CATALOGUE = Path(bloomery.__file__).parent / "catalogue" / "data"

WORDS = (
    *("alpha", "beta", "gamma"),
    *("r01", "r02", "r03", "r04"),
    *("580.1", "580.2", "590.1"),
    *("UA", "PL", "UAH", "EUR"),
    *("UA-kyiv", "UA-lviv", "UA-dnipro"),
    *("10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16", "10.1.2.0/24"),
    *("10.1.0.1", "10.1.2.3", "10.2.0.1"),
    *("https://10.1.0.1", "https://10.2.0.1:8443", "http://10.1.2.3"),
    *("a.example", "b.example", "c.example"),
    *("2026-12-31", "2027-06-30", "2027-12-31"),
    *("lab-2026.11", "metal-2026.11"),
    *sorted(file.stem for file in CATALOGUE.glob("*/*.yaml")),
    *run_kinds(),
)
"""One of these is fit for every key that is a word. A key with a kind of word of its own
needs two of that kind here."""

NUMBERS = ("0", "1", "2", "3", "5", "12", "20", "22", "25", "40", "0.25", "0.5", "0.75", "1.5")
NUMBERS += ("100", "1000", "4096", "4200000000", "4200000001")

MOST = 3
"""Samples of one key: as many as an order needs to show equal, looser and tighter."""


def read(key: Key, raw: Value) -> Any:
    """The value behind ``raw``, or the refusal."""
    try:
        return key.adapter.validate_python(raw)
    except ValidationError as error:
        return error


@cache
def plain_samples(key: Key) -> tuple[str, ...]:
    """Texts of different values that a plain key takes."""
    literal = [str(value) for it in key.types for value in get_args(it)]
    found: dict[Any, str] = {}
    for text in (*literal, "true", "false", *NUMBERS, *WORDS):
        value = read(key, text)
        if not isinstance(value, ValidationError) and value not in found:
            found[value] = text
    return tuple(found.values())[:MOST]


def samples(key: Key) -> list[Value]:
    """Different values that a key takes; none for a section."""
    if not key.is_value:
        return []
    if key.is_plain:
        return list(plain_samples(key))
    one = list(plain_samples(next(key.children())))
    if key.entries:
        return [{"some-key": text} for text in one if _fits(key, {"some-key": text})] or [
            {name: text}
            for name in ("r01", "alpha", "1")
            for text in one
            if _fits(key, {name: text})
        ][:MOST]
    lists: list[Value] = [one[:1], one[1:2], one[:2], one[:3], list(one)]
    fit = [values for values in lists if values and _fits(key, values)]
    return [values for at, values in enumerate(fit) if values not in fit[:at]][: MOST + 1]


def _fits(key: Key, raw: Value) -> bool:
    return not isinstance(read(key, raw), ValidationError)


def place(pattern: Pattern, value: Value) -> Value:
    """A document in which nothing is written but ``value`` where ``pattern`` points."""
    for step in reversed(pattern):
        value = [value] if step == EACH else {"some-key" if step == ANY else step: value}
    return value


KEYS = tuple(every_key(SiteSheet))
VALUES = tuple(key for key in KEYS if key.is_value)
SECTIONS = tuple(key for key in KEYS if not key.is_value)
