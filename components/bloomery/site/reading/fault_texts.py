"""What pydantic found, told as faults with path, line and hint."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from bloomery.site.reading.document import kind, shorten

Told = tuple[tuple[str | int, ...], str, str]
"""Path, reason and hint of one fault."""


def refuse(reason: str, hint: str = "") -> PydanticCustomError:
    """The error a validator raises: what is wrong, and what would be right."""
    return PydanticCustomError("bloomery", "{reason}", {"reason": reason, "hint": hint})


def suggest(word: str, known: Iterable[str], what: str = "known") -> str:
    """``did you mean ...?``, or what there is, for a word that is not ``known``."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"{what}: {', '.join(names)}" if names else ""


def tell(model: type[BaseModel], error: ValidationError) -> list[Told]:
    """Every error of ``model`` as path, reason and hint."""
    found = error.errors(include_url=False)
    # A list whose items are all at fault counts as too short; the items tell the story.
    real = [it for it in found if not (it["type"] == "too_short" and it["input"])]
    return [_tell_one(model, details) for details in real]


def _tell_one(model: type[BaseModel], details: ErrorDetails) -> Told:
    path = tuple(part for part in details["loc"] if part != "[key]")
    context = details.get("ctx", {})
    match details["type"]:
        case "bloomery":
            return path, str(context["reason"]), str(context["hint"])
        case "missing":
            return path, "missing", example(model, path)
        case "extra_forbidden":
            known = _keys(_model_at(model, path[:-1]))
            return path, f"unknown key {path[-1]!r}", suggest(str(path[-1]), known, "known keys")
        case "literal_error":
            wanted = re.findall(r"'([^']*)'", str(context["expected"]))
            written = str(details["input"])
            return path, f"unknown value {written!r}", suggest(written, wanted, "one of")
    return path, *_tell_value(details)


_SHAPES: Mapping[str, tuple[str, str]] = {
    "model_type": ("a mapping", ""),
    "dict_type": ("a mapping", ""),
    "mapping_type": ("a mapping", ""),
    "tuple_type": ("a list", "write each item as '- item'"),
    "string_type": ("text", ""),
}
"""Error type -> the shape that was wanted, and how to write it."""

_CONVERSIONS: Mapping[str, str] = {
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "int_parsing_size": "is too large",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "finite_number": "is not a number",
    "string_unicode": "is not text",
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
}
"""Error type -> what the text is not."""

EXACT = 1e15
"""Whole numbers up to it are written out; larger floats are not exact."""

_BOUNDS: Mapping[str, tuple[str, str, str]] = {
    "greater_than_equal": ("is too small", "at least", "ge"),
    "greater_than": ("is too small", "more than", "gt"),
    "less_than_equal": ("is too large", "at most", "le"),
    "less_than": ("is too large", "less than", "lt"),
}
"""Error type -> what is wrong, how the limit reads, and the name pydantic gives it."""


def _tell_value(details: ErrorDetails) -> tuple[str, str]:
    value, context = details["input"], details.get("ctx", {})
    found = details["type"]
    if value is None or value == "":
        return "empty", "write a value or remove the key"
    if found == "too_short":
        return "the list is empty", f"at least {context['min_length']}"
    if found in _SHAPES:
        wanted, hint = _SHAPES[found]
        return f"{kind(value)} where {wanted} is expected", hint
    if found in _CONVERSIONS:
        hint = "the number alone, without a unit" if "number" in _CONVERSIONS[found] else ""
        return f"{_quote(value)} {_CONVERSIONS[found]}", hint
    if found in _BOUNDS:
        reason, limit, name = _BOUNDS[found]
        return f"{_number(value)} {reason}", f"{limit} {_number(context[name])}"
    return f"{_quote(value)}: {details['msg']}", ""


def _number(value: object) -> str:
    """A number as people write it: no ``1e+06`` and no ``.0`` behind a whole one."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) <= EXACT else f"{value:g}"
    return str(value)


def _quote(value: object) -> str:
    return shorten(value) if isinstance(value, str) else kind(value)


def _keys(model: type[BaseModel] | None) -> Sequence[str]:
    if model is None:
        return ()
    return [field.alias or name for name, field in model.model_fields.items()]


def example(model: type[BaseModel], path: tuple[str | int, ...]) -> str:
    """``for example KEY: VALUE`` for a key of ``model``; empty where it has no example."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    if not path:
        return ""
    owner = _model_at(model, path[:-1])
    for name, field in (owner.model_fields if owner else {}).items():
        if (field.alias or name) == path[-1] and field.examples:
            return f"for example {path[-1]}: {field.examples[0]}"
    return ""


def _model_at(model: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel] | None:
    """The model that stands at ``path`` below ``model``; None where none does."""
    here: type[BaseModel] | None = model
    names = [part for part in path if not isinstance(part, int)]
    while names:
        part = names.pop(0)
        fields = here.model_fields if here else {}
        found = [field for name, field in fields.items() if (field.alias or name) == part]
        here = _model_in(found[0].annotation) if found else None
        if found and _has_free_keys(found[0].annotation):
            names = names[1:]
    return here


def _has_free_keys(annotation: Any) -> bool:  # noqa: ANN401 - annotations have no type
    origin = get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - annotations have no type
    if _has_free_keys(annotation):
        return _model_in(get_args(annotation)[1])
    if get_origin(annotation) in (tuple, list, Union, types.UnionType, Annotated):
        models = [_model_in(argument) for argument in get_args(annotation)]
        return next((model for model in models if model), None)
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return annotation if is_model else None
