"""Another model in the place of one that cannot be had.

It is written into the site's document before anything in it is looked at, so that whatever holds
of a site holds of this one: defaults, faults with their lines, national locks. Pools, racks, units
and identities stay; whether the other model fits there is for the plan and the rules to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bloomery.catalogue import cable_kinds, node_models
from bloomery.errors import Fault, FaultsError
from bloomery.site.draft.ordered import KINDS, MACHINE, SWITCH, Kind
from bloomery.site.metal.delivery import Delivery
from bloomery.site.metal.elevation import KEYS as ELEVATION
from bloomery.site.metal.elevation import racks_of_no_scale
from bloomery.site.reading.document import Document, Path, Value, spell
from bloomery.site.reading.entries import mapping
from bloomery.site.reading.fault_texts import suggest

OPTION = "--substitute"
"""Where a fault of a substitution is shown: it stands in no file."""


@dataclass(frozen=True)
class Substitute:
    """A model to take, with the figures a site must give of it."""

    model: str
    figures: Mapping[str, str] = field(default_factory=dict)
    """Key -> what would stand in ``site.yaml``: ``power_kw`` -> ``14.5 kW``."""


@dataclass(frozen=True)
class Replaced:
    """One place of a site where another model was written."""

    old: str
    new: str
    line: int
    """Line of ``site.yaml``, counted from 1."""
    path: str
    """``pools[0].model``."""
    name: str
    """Name of what is ordered there; empty where it has none."""


def read_substitutes(written: Sequence[str]) -> dict[str, Substitute]:
    """``OLD=NEW`` or ``OLD=NEW,KEY=VALUE,...``, each as one. Raises FaultsError with all faults."""
    found: dict[str, Substitute] = {}
    faults: list[Fault] = []
    for text in written:
        parts = [[it.strip() for it in part.partition("=")] for part in text.split(",")]
        if not all(key and equals and value for key, equals, value in parts):
            hint = "OLD=NEW, and figures behind it: dgx-b200=hgx-b200,power_kw=14 kW,height_u=8"
            faults.append(_fault(text, f"{text!r} is not OLD=NEW", hint))
            continue
        (old, _, new), *rest = parts
        if old in found:
            faults.append(_fault(old, "is given twice"))
        found[old] = Substitute(new, {key: value for key, _, value in rest})
    if faults:
        raise FaultsError(faults)
    return found


def substitute(
    document: Document, whole: Document, delivery: Delivery, wanted: Mapping[str, Substitute]
) -> tuple[Replaced, ...]:
    """Write the new models into ``document``, wherever ``whole`` names an old one: the same
    document with what the nation gives.

    Figures that the site gave for the old model go with it; those of ``wanted`` take their place.
    Raises FaultsError, with the document as it was, for an old model that the site does not name, a
    new one the catalogue does not know or that is of another kind, and what is no figure.
    """
    if document.data is None:
        return ()
    places = [(kind, path, old) for kind in KINDS for path, old in kind.places(whole)]
    used = {old: kind for kind, _, old in places}
    faults = [fault for old, new in wanted.items() for fault in _wrong(used, old, new)]
    faults += _given_twice(used, wanted)
    if faults:
        raise FaultsError(faults)
    found = [(kind, path, old) for kind, path, old in places if old in wanted]
    for kind, path, old in found:
        _write(document.data, kind, path, wanted[old])
    if any(kind is MACHINE and node_models()[old].rack for kind, _, old in found):
        _leave_units(document, delivery)
    return tuple(
        Replaced(old, wanted[old].model, document.line(path), spell(path), _name(whole.data, path))
        for _, path, old in found
    )


def because(faults: Sequence[Fault], wanted: Mapping[str, Substitute]) -> list[Fault]:
    """Faults of a site that had none before, with what brought them."""
    tried = " ".join(f"{OPTION} {old}={new.model}" for old, new in wanted.items())
    added = f"with {tried}, which figures follow as ,KEY=VALUE"
    return [
        Fault(it.file, it.line, it.path, it.reason, f"{it.hint}; {added}" if it.hint else added)
        for it in faults
    ]


def _wrong(used: Mapping[str, Kind], old: str, new: Substitute) -> Iterator[Fault]:
    kind = used.get(old)
    if kind is None:
        yield _unused(used, old)
        if old in cable_kinds():
            return
    theirs = next((it for it in KINDS if new.model in it.models()), None)
    if theirs is None:
        yield _unknown(kind, old, new.model)
    elif kind is not None and theirs is not kind:
        reason = f"{new.model!r} is a {theirs.word}, {old!r} is a {kind.word}"
        yield _fault(old, reason, f"{kind.words}: {', '.join(sorted(kind.models()))}")
    choices = kind.choices if kind else frozenset()
    for key in new.figures:
        if key.partition(".")[0] in choices:
            yield _fault(old, f"{key!r} is no figure of a model", "it stays as site.yaml has it")


def _given_twice(used: Mapping[str, Kind], wanted: Mapping[str, Substitute]) -> Iterator[Fault]:
    """Figures of one switch for two that it replaces: a site has one value for both."""
    given: dict[tuple[str, str], str] = {}
    for old, new in wanted.items():
        for key, value in new.figures.items() if used.get(old) is SWITCH else ():
            first = given.setdefault((new.model, key), value)
            if first != value:
                yield _fault(old, f"{key!r} of {new.model!r} is {value!r}, and {first!r} before")


def _unused(used: Mapping[str, Kind], old: str) -> Fault:
    if old in cable_kinds():
        hint = "the plan chooses cables; fabric.media of site.yaml says between which"
        return _fault(old, f"{old!r} is a cable, which no site orders by its model", hint)
    hint = suggest(old, used, "models of the site")
    return _fault(old, f"the site orders nothing of model {old!r}", hint)


def _unknown(kind: Kind | None, old: str, new: str) -> Fault:
    kinds = (kind,) if kind else KINDS
    keys = {key for it in kinds for key in it.models()} - {old}
    hint = suggest(new, keys, kind.words if kind else "models")
    if alternates := alternates_of(old):
        hint += f"; alternates of {old!r}: {', '.join(alternates)}"
    return _fault(old, f"unknown model {new!r}", hint)


def alternates_of(old: str) -> tuple[str, ...]:
    """What the catalogue names to order in the place of ``old``; it does so of machines alone."""
    return node_models()[old].alternates if old in node_models() else ()


def _write(data: dict[str, Value], kind: Kind, path: Path, new: Substitute) -> None:
    *above, key = path
    section = _at(data, above)
    section[str(key)] = new.model
    if not kind.choices:
        section = _at(data, ["fabric", "switches", new.model]) if new.figures else {}
    for stale in section.keys() - kind.choices if kind.choices else ():
        del section[stale]
    for figure, value in new.figures.items():
        *steps, last = figure.split(".")
        _at(section, steps)[last] = value


def _at(data: dict[str, Value], path: Sequence[str | int]) -> dict[str, Value]:
    """The section at ``path``; made where there is none."""
    found: Value = data
    for step in path:
        if isinstance(found, list):
            found = found[int(step)]
        elif isinstance(found, dict):
            if not isinstance(found.get(str(step)), dict | list):
                found[str(step)] = {}
            found = found[str(step)]
    return found if isinstance(found, dict) else {}


def _leave_units(document: Document, delivery: Delivery) -> None:
    """Units of NVLink switch trays and shelves are figures of racks that are no longer bought."""
    for path in racks_of_no_scale(document, delivery):
        section = _at(document.data or {}, path)
        for key in ELEVATION:
            section.pop(key, None)


def _name(value: Value, path: Path) -> str:
    """Name of the innermost thing on ``path`` that has one."""
    if not path:
        return ""
    step, rest = path[0], path[1:]
    below = value[int(step)] if isinstance(value, list) else mapping(value).get(str(step))
    name = mapping(below).get("name")
    return _name(below, rest) or (name if isinstance(name, str) else "")


def _fault(path: str, reason: str, hint: str = "") -> Fault:
    return Fault(OPTION, 0, path, reason, hint)
