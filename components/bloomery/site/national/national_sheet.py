"""``national.yaml`` read into locks, or every fault of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import Field, TypeAdapter, ValidationError

from bloomery.errors import Fault
from bloomery.site.model import SiteSheet
from bloomery.site.national.locks import ORDERS, Lock, LockKind, Order, ranking
from bloomery.site.national.national_file import National, covers, unnamed
from bloomery.site.reading.document import Document, Path, Value
from bloomery.site.reading.draft_gaps import TO_FILL, gap_faults
from bloomery.site.reading.fault_texts import suggest, tell
from bloomery.site.types.keys import ANY, EACH, Key, Pattern, UnknownKeyError, find_key, split
from bloomery.site.types.part import Part
from bloomery.site.types.text_types import Text


class LockSheet(Part):
    """What the nation says of one key."""

    lock: LockKind = Field(examples=["locked"])
    value: object = None
    """The national value; a free key takes it where a site leaves the key out."""
    order: object = None
    """Of a ``tighten-only`` key: one of ``ORDERS``, or a list of values from loose to tight."""
    if_present: bool = False
    """Whether a site may leave out the optional section the key is in."""
    why: Text = ""
    """Law or decision behind it; faults quote it."""


class NationalSheet(Part):
    """All of ``national.yaml``."""

    exempt: tuple[Text, ...] = ()
    """Directories beside this file that it does not bind; ``*`` stands for any letters."""
    default: Literal["free", "locked"] = "free"
    """Lock of the keys that are not named; a locked one stays at its default."""
    locks: Mapping[str, LockSheet] = Field(examples=["{country: {lock: locked, value: UA}}"])
    """Key of a site -> its lock."""


def binds(document: Document, directory: str) -> bool:
    """Whether a site in a directory of that name must obey the national file ``document``.

    Only ``exempt`` is read here: a site it does not bind is none of its other faults.
    """
    exempt = (document.data or {}).get("exempt")
    names = [name for name in exempt if isinstance(name, str)] if isinstance(exempt, list) else []
    return not any(fnmatchcase(directory, name) for name in names)


def read_national(document: Document) -> National:
    """Read one national file. Never raises: what is wrong stands in ``faults``."""
    national = National(document.file, faults=document.faults)
    if document.data is None:
        return national
    document.faults.extend(gap_faults(document, NationalSheet))
    try:
        NationalSheet.model_validate(document.data)
    except ValidationError as error:
        document.faults.extend(document.fault(*told) for told in tell(NationalSheet, error))
    locks = document.data.get("locks")
    read = [_lock(document, key) for key in locks] if isinstance(locks, dict) else []
    national.locks = tuple(lock for lock in read if lock)
    document.faults.extend(_locked_twice(document, national.locks))
    if document.data.get("default") == "locked" and isinstance(locks, dict):
        national.others_line = document.line(("default",))
        document.faults.extend(_without_value(document, locks))
    return national


def _lock(document: Document, text: str) -> Lock | None:
    """The lock of one key; None where something is wrong with it, which is then told."""
    at: Path = ("locks", text)
    try:
        key = find_key(SiteSheet, text)
    except UnknownKeyError as error:
        document.faults.append(document.fault(at, error.reason, error.hint))
        return None
    entry = (document.data or {})["locks"]
    raw = entry.get(text) if isinstance(entry, dict) else None
    try:
        sheet = LockSheet.model_validate(raw)
    except ValidationError:
        return None  # told with the whole sheet
    told = list(_misfits(sheet, key))
    order = _order(document, at, key, sheet) if sheet.lock == "tighten-only" and not told else None
    document.faults.extend(document.fault((*at, part), *rest) for part, *rest in told)
    if told or (sheet.lock == "tighten-only" and order is None):
        return None
    return _with_value(document, at, key, sheet, order, raw)


def _misfits(sheet: LockSheet, key: Key) -> Iterator[tuple[str, str, str]]:
    """Parts of a lock that do not go together: part, reason, hint."""
    if sheet.lock != "free" and not key.is_value:
        below = ", ".join(str(child) for child in _own_keys(key))
        yield "lock", f"{key} is a section", f"lock its keys: {below}"
        return
    if sheet.lock != "free" and sheet.value is None:
        yield "value", "missing", f"the national value of {key}"
    if sheet.lock == "tighten-only" and sheet.order is None:
        yield "order", "missing", f"one of {', '.join(ORDERS)}, or a list from loose to tight"
    if sheet.lock != "tighten-only" and sheet.order is not None:
        yield "order", f"a {sheet.lock} key has no order", "lock: tighten-only, or remove it"


def _own_keys(key: Key) -> Iterator[Key]:
    """The keys of a section, or of each section of a list or mapping."""
    for child in key.children():
        if child.models and child.pattern[-1] in (EACH, ANY):
            yield from child.children()
        else:
            yield child


def _order(document: Document, at: Path, key: Key, sheet: LockSheet) -> Order | None:
    if isinstance(sheet.order, list):
        return _ranking(document, (*at, "order"), key, sheet.order)
    order = ORDERS.get(str(sheet.order))
    if order is None:
        hint = suggest(str(sheet.order), ORDERS, "orders")
        document.faults.append(
            document.fault((*at, "order"), f"unknown order {str(sheet.order)!r}", hint)
        )
        return None
    if not order.fits(key):
        fitting = [name for name, it in ORDERS.items() if it.fits(key)]
        fitting += ["a list from loose to tight"] if key.is_plain else []
        hint = f"orders for it: {', '.join(fitting)}" if fitting else "lock: locked, or free"
        reason = f"order {order.name!r} is for {order.wants}"
        document.faults.append(document.fault((*at, "order"), reason, hint))
        return None
    return order


def _ranking(document: Document, at: Path, key: Key, written: list[Value]) -> Order | None:
    before = len(document.faults)
    if not key.is_plain:
        hint = "subset or superset" if key.items else "lock: locked, or free"
        document.faults.append(document.fault(at, "a list of values is for a plain value", hint))
        return None
    values: list[object] = []
    for place, item in enumerate(written):
        value = _read(document, (*at, place), key.adapter, item)
        if value is not None and value in values:
            reason = f"{item!r} is listed twice"
            document.faults.append(document.fault((*at, place), reason, "list each value once"))
        values.append(value)
    if not written:
        document.faults.append(
            document.fault(at, "the list is empty", "from loose to tight: [a, b]")
        )
    return ranking(values, written) if len(document.faults) == before else None


def _with_value(
    document: Document, at: Path, key: Key, sheet: LockSheet, order: Order | None, raw: Value
) -> Lock | None:
    before = len(document.faults)
    written = raw.get("value") if isinstance(raw, dict) else None
    value: object = None
    if written is not None and written != TO_FILL:
        adapter = TypeAdapter(order.bound(key)) if order else key.adapter
        value = _read(document, (*at, "value"), adapter, written)
    if order and order.name == "(list)" and len(document.faults) == before:
        wrong = order.judge(value, value)
        if wrong:
            document.faults.append(document.fault((*at, "value"), f"{written!r} {wrong}"))
    if len(document.faults) > before or written == TO_FILL:
        return None
    line = document.line(at)
    return Lock(
        key, sheet.lock, document.file, line, value, written, order, sheet.if_present, sheet.why
    )


def _read(document: Document, at: Path, adapter: TypeAdapter[object], raw: Value) -> object:
    """``raw`` as the key's type; a fault where it is none."""
    try:
        return adapter.validate_python(raw)
    except ValidationError as error:
        for path, reason, hint in tell(Part, error):
            document.faults.append(document.fault((*at, *path), reason, hint))
        return None


def _locked_twice(document: Document, locks: tuple[Lock, ...]) -> Iterator[Fault]:
    """Parts of a list or mapping that are named although it is locked as a whole."""
    for lock in locks:
        for outer in locks:
            if outer.kind == "locked" and _lies_in(lock.key.pattern, outer.key.pattern):
                reason = f"{outer.key} is locked as a whole on line {outer.line}"
                hint = f"lock the keys of {outer.key} one by one, or remove this one"
                yield document.fault(("locks", str(lock.key)), reason, hint)


def _lies_in(inner: Pattern, outer: Pattern) -> bool:
    return len(outer) < len(inner) and covers(outer, inner)


def _without_value(document: Document, named: Iterable[str]) -> Iterator[Fault]:
    """Keys that would be locked although they have no value to be locked at."""
    for key in unnamed([split(name) for name in named]):
        if key.required:
            hint = f"add {key}: {{lock: free}}, or a lock with a value"
            yield document.fault(("default",), f"{key} is locked and has no default", hint)
