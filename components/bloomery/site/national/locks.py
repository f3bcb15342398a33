"""What a lock means: when a value of a site is as tight as the national one, or tighter.

An order says which of two values is the tighter one. ``judge`` of an order tells what is
wrong with a site's value, and nothing where it holds.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ValidationError

from bloomery.site.reading.document import Value
from bloomery.site.reading.fault_texts import refuse
from bloomery.site.types.keys import Key

LockKind = Literal["locked", "tighten-only", "free"]
"""``locked``: the national value holds; ``tighten-only``: that or a tighter one; ``free``."""


@dataclass(frozen=True)
class Order:
    """A direction from loose to tight."""

    name: str
    says: str
    """The direction in words, as faults show it."""
    wants: str
    """Keys it is for, in words."""
    fits: Callable[[Key], bool]
    """Whether it is for that key."""
    bound: Callable[[Key], Any]
    """Type of the national value of that key."""
    judge: Callable[[Any, Any], str]
    """What is wrong with (own, national); empty where own is as tight or tighter."""


@dataclass(frozen=True)
class Lock:
    """What the nation says of one key."""

    key: Key
    kind: LockKind
    file: str
    line: int
    """Where it stands in the national file."""
    value: object = None
    """The national value, read; nothing where none is given."""
    written: Value = None
    """The national value as it is written, for sites that leave the key out."""
    order: Order | None = None
    """Of a ``tighten-only`` key."""
    if_present: bool = False
    """Whether a site may leave out the optional section the key is in."""
    why: str = ""

    def judge(self, own: object) -> str:
        """What is wrong with the value of a site, after its name; empty where it holds."""
        if self.kind == "free":
            return ""
        if own is None and self.value is not None:
            return "is looser than any value"
        if self.order is not None:
            return self.order.judge(own, self.value)
        return "" if own == self.value else "is not the national value"

    @property
    def told(self) -> str:
        """The lock as a fault of a site quotes it: file, line, key, direction, value."""
        says = self.order.says if self.order else self.kind
        value = f", value {show(self.written)}" if self.written is not None else ""
        why = f" ({self.why})" if self.why else ""
        return f"{self.file}:{self.line} {self.key}: {says}{value}{why}"


def show(value: Value) -> str:
    """A written value as the file has it, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {show(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(show(item) for item in value) + "]"
    return "nothing" if value is None else str(value)


def ranking(values: Sequence[object], written: Sequence[Value]) -> Order:
    """The order a nation writes out itself, from loose to tight."""
    says = f"tighter to the right: {' < '.join(show(value) for value in written)}"

    def judge(own: object, national: object) -> str:
        if own not in values:
            return "is not in the national order"
        return "is looser" if values.index(own) < values.index(national) else ""

    return Order("(list)", says, "a plain value", lambda key: key.is_plain, _same, judge)


def _same(key: Key) -> Any:  # noqa: ANN401 - annotations have no type
    return key.annotation


def _members(key: Key) -> Any:  # noqa: ANN401 - annotations have no type
    """A plain value is one of a list; a list is part of one."""
    annotation = key.annotation
    return tuple[annotation, ...] if key.is_plain else annotation  # type: ignore[valid-type]


def _network(text: str) -> str:
    try:
        return str(ipaddress.IPv4Network(text))
    except ValueError:
        raise refuse(f"{text!r} is not an IPv4 network", "address/prefix: 10.0.0.0/8") from None


def _of_words(key: Key) -> bool:
    return bool(key.items) and all(Key((), item).is_plain for item in key.items)


def _is_address(key: Key) -> bool:
    return key.types == (str,) and any(_accepts(key, text) for text in ("10.0.0.0/8", "10.0.0.1"))


def _accepts(key: Key, text: str) -> bool:
    try:
        key.adapter.validate_python(text)
    except ValidationError:
        return False
    return True


def _is_version(key: Key) -> bool:
    words = any(_accepts(key, text) for text in ("alpha", "a.example"))
    return key.types == (str,) and _accepts(key, "580.126.20") and not words


def _judge_newer(own: str, national: str) -> str:
    mine, theirs = ([int(part) for part in text.split(".")] for text in (own, national))
    return "is looser" if mine < theirs else ""


def _list(values: Collection[object]) -> str:
    return ", ".join(sorted(str(value) for value in values))


def _judge_subset(own: object, national: tuple[object, ...]) -> str:
    if not isinstance(own, tuple | list):
        return "" if own in national else "is not in the national list"
    beyond = {value for value in own if value not in national}
    return f"has {_list(beyond)} beyond the national list" if beyond else ""


def _judge_superset(own: tuple[object, ...], national: tuple[object, ...]) -> str:
    lacking = {value for value in national if value not in own}
    return f"lacks {_list(lacking)} of the national list" if lacking else ""


def _judge_inside(own: str, national: str) -> str:
    try:
        mine = ipaddress.IPv4Network(own)
    except ValueError:
        return "is not an address"
    inside = mine.subnet_of(ipaddress.IPv4Network(national))
    return "" if inside else f"is outside the national {national}"


ORDERS: Mapping[str, Order] = {
    order.name: order
    for order in (
        Order(
            "higher",
            "higher is tighter",
            "a number",
            lambda key: key.is_number,
            _same,
            lambda own, national: "is looser" if own < national else "",
        ),
        Order(
            "lower",
            "lower is tighter",
            "a number",
            lambda key: key.is_number,
            _same,
            lambda own, national: "is looser" if own > national else "",
        ),
        Order("newer", "newer is tighter", "a version", _is_version, _same, _judge_newer),
        Order(
            "subset",
            "only what the list has",
            "a plain value or a list of them",
            lambda key: key.is_plain or _of_words(key),
            _members,
            _judge_subset,
        ),
        Order(
            "superset",
            "at least what the list has",
            "a list of plain values",
            _of_words,
            _same,
            _judge_superset,
        ),
        Order(
            "inside",
            "only inside the network",
            "an address or a network",
            _is_address,
            lambda key: Annotated[str, AfterValidator(_network)],
            _judge_inside,
        ),
    )
}
"""Orders by name; any other order is a list from loose to tight."""
