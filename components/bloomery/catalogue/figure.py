"""A number and where it comes from; and how the data files are read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, by libyaml where PyYAML was built with it: ten times as fast."""

PLAIN_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""The one that reads every scalar as text."""


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
def folder_texts(folder: str) -> Mapping[str, str]:
    """Texts of ``data/<folder>``, by file name without suffix, sorted.

    Read once per process: the catalogue is part of the installed package.
    """
    directory = files("bloomery.catalogue") / "data" / folder
    entries = [entry for entry in directory.iterdir() if entry.name.endswith(".yaml")]
    return {
        entry.name.removesuffix(".yaml"): entry.read_text(encoding="utf-8")
        for entry in sorted(entries, key=lambda entry: entry.name)
    }


@cache
def read_folder(folder: str) -> dict[str, object]:
    """Documents of ``data/<folder>``, by file name without suffix, sorted."""
    return {name: _read(text, LOADER) for name, text in folder_texts(folder).items()}


def read_plain(text: str) -> object:
    """A document whose scalars all stay text: a version ``13.0`` is no number."""
    return _read(text, PLAIN_LOADER)


def _read(text: str, loader: type) -> object:
    return yaml.load(text, loader)  # noqa: S506 - none of the loaders makes objects
