"""``docs/site-keys.md`` and ``docs/workload-keys.md``: every key of ``site.yaml``, every column of
``machines.csv`` and every key of a workload file, from the models that read them."""

from __future__ import annotations

import ast
import inspect
import re
import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bloomery.site.draft.workload import Workload
from bloomery.site.metal.delivery import HEADER, IDENTITY
from bloomery.site.metal.machine import Machine
from bloomery.site.model import SiteSheet
from bloomery.site.types.keys import fields
from pages.fields import attribute_docs, flat, sources

INTRO = """\
# Keys of `site.yaml`

All keys of a site, section by section; `bloomery site check SITE` reports every other key as a
fault. A quantity is a number with its unit (`135 kW`, `40 °C`, `25 %`, `400 Gb/s`); without one it
is taken in the unit its key ends with; so are the bounds in this page. A key with a default may be
left out. No address of a host, also in a URL, is a network's own or its broadcast address. Keys of
models, switches, PDUs, CDUs and coolants are in the [catalogue](catalogue.md). The columns of
`machines.csv` are [at the end](#columns-of-machinescsv).

This page is generated: `make docs`.
"""


_PLAIN = (
    (r" \| None\b", ""),
    (r"Annotated\[(\w+),[^]]*\]", r"\1"),
    (r"tuple\[(.+), \.\.\.\]", r"list of \1"),
    (r"Mapping\[(\w+), (.+)\]", r"mapping of \1 to \2"),
    (r"\b(int|Count|CountOrZero|RackUnits|Port|Vni|WholeGigabits)\b", "whole number"),
    (r"\b(float|Number|NumberOrZero)\b", "number"),
    (r"\bstr\b", "text"),
    (r"\bbool\b", "true / false"),
)
"""Python's way to write a type -> what people call it."""


COLUMNS = """
## Columns of `machines.csv`

One row a machine, in any order; the first line names the columns, which may stand in any order:

```csv
{header}
```

A machine that is not delivered yet has empty cells in {identity}:
`bloomery site check --draft` accepts it. Further columns are carried along, as
[The site as code](site.md#names-of-a-hall) tells.

| column | type | default | meaning |
|---|---|---|---|
{rows}"""

WORKLOAD_INTRO = """\
# Keys of a workload file

All keys of the file that `bloomery site new --workload FILE` reads. A part that is not in this page
is that of [site.yaml](site-keys.md). `docs/examples/workload.yaml` is an example.

This page is generated: `make docs`.
"""


def page() -> str:
    """The page of ``site.yaml`` as it should be."""
    parts = _parts(SiteSheet, {})
    return INTRO + "".join(_section(part, SiteSheet) for part in parts) + _columns()


def workload_page() -> str:
    """The page of the workload file as it should be."""
    known = {part.__name__ for part in _parts(SiteSheet, {})}
    parts = (part for part in _parts(Workload, {}) if part.__name__ not in known)
    return WORKLOAD_INTRO + "".join(_section(part, Workload) for part in parts)


def _columns() -> str:
    identity = ", ".join(f"`{column}`" for column in IDENTITY)
    rows = "".join(row for row in _rows(Machine) if not row.startswith("| `further`"))
    return COLUMNS.format(header=HEADER, identity=identity, rows=rows)


def _parts(model: type[BaseModel], seen: dict[str, None]) -> Iterator[type[BaseModel]]:
    """``model`` and every part below it, each once, top down."""
    if model.__name__ in seen:
        return
    seen[model.__name__] = None
    yield model
    for field in model.model_fields.values():
        for below in _models(field.annotation):
            yield from _parts(below, seen)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 - annotations have no type
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _section(model: type[BaseModel], file: type[BaseModel]) -> str:
    title = "The file" if model is file else model.__name__
    rows = _rows(model)
    if not rows:
        return ""
    head = f"\n## {title}\n\n{flat(inspect.getdoc(model) or '')}\n\n"
    return head + "| key | type | default | meaning |\n|---|---|---|---|\n" + "".join(rows)


def _rows(model: type[BaseModel]) -> list[str]:
    told = attribute_docs(model)
    return [
        f"| `{field.alias or name}` | {_kind(model, name, field)} | {_default(field)} "
        f"| {told.get(name, '')} |\n"
        for name, field in model.model_fields.items()
    ]


def _kind(model: type[BaseModel], name: str, field: FieldInfo) -> str:
    spelled = _annotations(model).get(name, "")
    choices = _choices(field.annotation)
    if choices:
        return " / ".join(f"`{choice}`" for choice in choices)
    for pattern, plain in _PLAIN:
        spelled = re.sub(pattern, plain, spelled)
    return spelled + _bounds(model, name)


def _bounds(model: type[BaseModel], name: str) -> str:
    """The bounds of a number, the tightest of those its type and its field give."""
    alias = model.model_fields[name].alias or name
    key = next(key for key in fields(model) if key.pattern == (alias,))
    if not key.is_number:
        return ""
    known = [limit for it in key.validators for limit in getattr(it, "metadata", (it,))]

    def told(name: str) -> list[float]:
        return [getattr(limit, name) for limit in known if hasattr(limit, name)]

    low, above, high, below = (told(name) for name in ("ge", "gt", "le", "lt"))
    if not (low or above):
        return ""  # a validator of its own holds it, as that of ASNs does
    first = "above " if above and max(above) >= max(low, default=max(above)) else ""
    last = "below " if below and min(below) <= min(high, default=min(below)) else ""
    return f", {first}{max([*low, *above]):.15g} to {last}{min([*high, *below]):.15g}"


def _choices(annotation: Any) -> tuple[str, ...]:  # noqa: ANN401 - annotations have no type
    if get_origin(annotation) is Literal:
        return tuple(str(choice) for choice in get_args(annotation))
    if get_origin(annotation) in (Union, types.UnionType):
        return next((found for arg in get_args(annotation) if (found := _choices(arg))), ())
    return ()


def _default(field: FieldInfo) -> str:
    if field.is_required():
        example = f", for example `{field.examples[0]}`" if field.examples else ""
        return f"required{example}"
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is None or default in ((), "", {}) or isinstance(default, BaseModel):
        return "optional"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _annotations(model: type[BaseModel]) -> dict[str, str]:
    return {
        node.target.id: ast.unparse(node.annotation)
        for owner in sources(model)
        for node in owner.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
