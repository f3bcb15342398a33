"""``docs/roles.md``: every Ansible role's variables, from its argument_specs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import yaml

INTRO = """\
# Ansible roles

Each role validates its variables against `meta/argument_specs.yml` before it does anything; this
page is generated from the same file: `make docs`.
"""

Spec = Mapping[str, object]


def _words(value: object) -> str:
    text = " ".join(value) if isinstance(value, list) else str(value or "")
    return " ".join(text.split()).replace("|", "\\|")


def _default(option: Spec) -> str:
    if option.get("required"):
        return "required"
    return f"`{option['default']}`" if "default" in option else ""


def _role(name: str, spec: Spec) -> Iterator[str]:
    yield f"\n## {name}\n\n{_words(spec.get('short_description'))}.\n".replace("..\n", ".\n")
    if spec.get("description"):
        yield f"\n{_words(spec['description'])}\n"
    options = cast("Mapping[str, Spec]", spec.get("options") or {})
    if options:
        yield "\n| variable | type | default | meaning |\n|---|---|---|---|\n"
    for variable, option in options.items():
        kind, meaning = _words(option.get("type", "str")), _words(option.get("description"))
        yield f"| `{variable}` | {kind} | {_default(option)} | {meaning} |\n"


def page(roles: Path) -> str:
    """The page as it should be."""
    text = INTRO
    for path in sorted(roles.glob("*/meta/argument_specs.yml")):
        sheet = yaml.safe_load(path.read_text(encoding="utf-8"))
        spec = cast("Spec", sheet["argument_specs"]["main"])
        text += "".join(_role(path.parents[1].name, spec))
    return text
