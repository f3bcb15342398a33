"""A number and where it comes from; and how the data files are read."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, by libyaml where PyYAML was built with it: ten times as fast."""


class Entry(BaseModel):
    """Base of everything in the catalogue: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(Entry):
    """One quantity of a product. The unit stands in the name of the field that holds it."""

    value: float = Field(gt=0)
    """The number, in the unit the field's name says."""
    source: str = Field(min_length=8)
    """Document and section the number was taken from, or why the lab chose it."""


@cache
def read_folder(folder: str) -> dict[str, object]:
    """Documents of ``data/<folder>``, by file name without suffix, sorted.

    Read once per process: the catalogue is part of the installed package.
    """
    directory = files("bloomery.catalogue") / "data" / folder
    entries = [entry for entry in directory.iterdir() if entry.name.endswith(".yaml")]
    return {
        entry.name.removesuffix(".yaml"): _read(entry.read_text(encoding="utf-8"))
        for entry in sorted(entries, key=lambda entry: entry.name)
    }


def _read(text: str) -> object:
    return yaml.load(text, LOADER)  # noqa: S506 - both loaders are the safe one
