"""The keys of ``site.yaml``, read off the models: what may be written where, and its type.

A key is spelled as a path. ``[]`` stands for every item of a list, ``*`` for every key of a
mapping whose keys are free: ``trust.key_epoch``, ``pools[].model``, ``reinstall.*``. A field
added to a model is a key here at once.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter

from bloomery.site.reading.document import Path, Value
from bloomery.site.types.part import Part

EACH = "[]"
"""Step into every item of a list."""

ANY = "*"
"""Step into every key of a mapping whose keys are free."""

Pattern = tuple[str, ...]
"""Steps of a key from the top: ``("pools", EACH, "model")``."""

_SPELLING = re.compile(r"[^.\[\]\s]+(\[\])*(\.[^.\[\]\s]+(\[\])*)*")


class UnknownKeyError(Exception):
    """No key is spelled so. ``reason`` and ``hint`` make a fault."""

    def __init__(self, reason: str, hint: str) -> None:
        self.reason = reason
        self.hint = hint
        super().__init__(reason)


@dataclass(frozen=True)
class Key:
    """One key of a model."""

    pattern: Pattern
    annotation: Any
    """Its type, with the validators of the field."""
    required: bool = True
    default: object = None
    """What holds where it is left out; nothing when it is required."""

    def __str__(self) -> str:
        return spell_key(self.pattern)

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Reads a written value as the model does. Raises ValidationError."""
        config = None if self.models else Part.model_config
        return TypeAdapter(self.annotation, config=config)

    @cached_property
    def types(self) -> tuple[Any, ...]:
        """The bare types a value may have, without ``None``."""
        return tuple(_bare(self.annotation))

    @cached_property
    def validators(self) -> tuple[Any, ...]:
        """What refines its type: validators and bounds, wherever in the annotation they stand."""
        return tuple(_refinements(self.annotation))

    @property
    def models(self) -> tuple[type[BaseModel], ...]:
        """Models of the section that stands here; empty for a plain value."""
        return tuple(it for it in self.types if isinstance(it, type) and issubclass(it, BaseModel))

    @property
    def items(self) -> tuple[Any, ...]:
        """Types of the items where it is a list; empty where it is none."""
        return tuple(get_args(it)[0] for it in self.types if get_origin(it) in (tuple, list))

    @property
    def entries(self) -> tuple[Any, ...]:
        """Types of the values where it is a mapping with free keys; empty where it is none."""
        return tuple(get_args(it)[1] for it in self.types if _is_mapping(it))

    @property
    def is_number(self) -> bool:
        """Whether it is a whole number or a quantity."""
        return bool(self.types) and all(it in (int, float) for it in self.types)

    @property
    def is_plain(self) -> bool:
        """Whether a value is one word or number: no section, list or mapping."""
        return all(it in (int, float, str, bool) or _is_literal(it) for it in self.types)

    @property
    def is_value(self) -> bool:
        """Whether no section stands here or below: a value, a list or a mapping of values."""
        return not self.models and all(key.is_value for key in self.children())

    def children(self) -> Iterator[Key]:
        """The keys one step below."""
        for model in self.models:
            yield from fields(model, self.pattern)
        for item in self.items:
            yield Key((*self.pattern, EACH), item)
        for entry in self.entries:
            yield Key((*self.pattern, ANY), entry)


def fields(model: type[BaseModel], above: Pattern = ()) -> Iterator[Key]:
    """The keys of ``model`` itself, as they are written in a file."""
    for name, field in model.model_fields.items():
        annotation = field.annotation
        if field.metadata:
            annotation = Annotated[(annotation, *field.metadata)]  # type: ignore[assignment]
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        pattern = (*above, field.alias or name)
        yield Key(pattern, annotation, field.is_required(), default)


def every_key(model: type[BaseModel]) -> Iterator[Key]:
    """Every key of ``model`` and of all below it; a section before its own keys."""
    waiting = list(fields(model))
    while waiting:
        key = waiting.pop(0)
        yield key
        waiting = [*key.children(), *waiting]


def find_key(model: type[BaseModel], text: str) -> Key:
    """The key of ``model`` that is spelled ``text``. Raises UnknownKeyError."""
    if not _SPELLING.fullmatch(text):
        hint = "steps with '.' between them, '[]' for every item of a list: pools[].model"
        raise UnknownKeyError(f"{text!r} is not the path of a key", hint)
    steps = split(text)
    found, below = None, list(fields(model))
    for at, step in enumerate(steps):
        here = spell_key(steps[:at])
        found = next((key for key in below if key.pattern[-1] in (step, _free(step))), None)
        if found is None:
            raise UnknownKeyError(*_unknown(model, text, step, here, below))
        found = Key(steps[: at + 1], found.annotation, found.required, found.default)
        below = list(found.children())
    if found is None:
        raise UnknownKeyError("no key is named", "for example pools[].model")
    return found


def split(text: str) -> Pattern:
    """The steps of a spelled key; ``spell_key`` is its inverse."""
    return tuple(re.findall(r"\[\]|[^.\[\]]+", text))


def spell_key(pattern: Pattern) -> str:
    """``("pools", EACH, "model")`` as ``pools[].model``."""
    text = ""
    for step in pattern:
        text += step if step == EACH or not text else f".{step}"
    return text


def written(data: Value, pattern: Pattern, path: Path = ()) -> Iterator[tuple[Path, Value]]:
    """Each place of ``data`` that ``pattern`` names and where something is written."""
    if not pattern:
        yield path, data
        return
    step, rest = pattern[0], pattern[1:]
    if step == EACH:
        for at, item in enumerate(data if isinstance(data, list) else ()):
            yield from written(item, rest, (*path, at))
    elif isinstance(data, dict):
        for name in data if step == ANY else [step] if step in data else []:
            yield from written(data[name], rest, (*path, name))


def _free(step: str) -> str:
    """The step a model knows ``step`` by where keys are free."""
    return EACH if step == EACH else ANY


def _unknown(
    model: type[BaseModel], text: str, step: str, here: str, below: Sequence[Key]
) -> tuple[str, str]:
    known = [str(key) for key in every_key(model)]
    close = get_close_matches(text, known, n=1, cutoff=0.6)
    if [key.pattern[-1] for key in below] == [EACH]:
        return f"{here} is a list", f"write {here}[]{text.removeprefix(here)}: each of its items"
    if step == EACH:
        return f"{here} is no list", f"write {text.replace('[]', '', 1)}"
    if not below:
        return f"unknown key {text!r}", f"there are no keys below {here}"
    if close:
        return f"unknown key {text!r}", f"did you mean {close[0]!r}?"
    return f"unknown key {text!r}", f"known here: {', '.join(str(key) for key in below)}"


def _bare(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - annotations have no type
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _bare(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _bare(member)
    elif annotation is not type(None):
        yield annotation


def _refinements(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - annotations have no type
    if get_origin(annotation) is Annotated:
        inner, *found = get_args(annotation)
        yield from found
        yield from _refinements(inner)
    elif get_origin(annotation) in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _refinements(member)


def _is_mapping(bare: Any) -> bool:  # noqa: ANN401 - annotations have no type
    origin = get_origin(bare)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _is_literal(bare: Any) -> bool:  # noqa: ANN401 - annotations have no type
    return get_origin(bare) is Literal
