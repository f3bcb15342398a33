"""A version and where it comes from, with other versions for some models."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from bloomery.catalogue.figure import Entry

VERSION = re.compile(r"[0-9][A-Za-z0-9.+:~-]*")
"""A version as Debian policy 5.6.12 allows it."""


def wrong(reason: str, hint: str = "") -> PydanticCustomError:
    """The error that a validator raises: what is wrong, and what would be right."""
    return PydanticCustomError("bloomery", "{reason}", {"reason": reason, "hint": hint})


def _version(text: str) -> str:
    if not VERSION.fullmatch(text):
        raise wrong(f"{text!r} is no version", "for example 580.126.20 or 1:4.6.0-1")
    return text


VersionText = Annotated[str, AfterValidator(_version)]
"""A whole version of a package, or its upstream part where no source gives the rest: a depot
holds one package of it."""


class Pin(Entry):
    """One version of one thing."""

    version: VersionText
    source: str = Field(min_length=8)
    """Document the version is from, or why the lab chose it."""


class Pinned(Pin):
    """A version for all models, and those of models that have another."""

    models: Mapping[str, Pin] = Field(default_factory=dict)
    """Key of a node model -> its own version."""

    def of(self, model: str) -> str:
        """The version for machines of ``model``."""
        return self.models.get(model, self).version

    @property
    def versions(self) -> tuple[str, ...]:
        """The version for all models, and those of single ones."""
        return (self.version, *(pin.version for pin in self.models.values()))


class FirmwarePin(Entry):
    """A firmware version, which follows no rule of Debian: any text without spaces."""

    version: str = Field(pattern=r"\S+")
    source: str = Field(min_length=8)
