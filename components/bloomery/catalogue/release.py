"""Releases: one pinned set of OS image and packages, named once and served by the depot."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pydantic import Field

from bloomery.catalogue.figure import Entry, folder_texts, read_plain
from bloomery.catalogue.software import Software


class Release(Entry):
    """One release."""

    name: str
    """Name a site orders it by, for example ``lab-2026.11``."""
    title: str
    """What it is, in a line."""
    source: str = Field(min_length=8)
    """Where the choice of versions comes from."""
    image: str
    """Name of the installation medium, without suffix."""
    image_url: str
    """Template of its URL; ``{media}`` is the site's media base URL, ``{image}`` the name."""
    suite: str
    """Suite of the depot's package repository."""
    base: tuple[str, ...]
    """Packages inside the image."""
    packages: tuple[str, ...]
    """Packages the depot serves, with all they depend on."""
    pins: Mapping[str, str] = Field(default_factory=dict)
    """What it pins -> version: ``driver`` (GPU), ``firmware``, and packages by name."""
    files: tuple[str, ...] = ()
    """Other files the depot serves, by name."""
    software: Software | None = None
    """What machines of a model are given, to the version; left out: nothing beside ``packages``."""

    def medium(self, media: str) -> str:
        """URL of the installation medium under the base URL ``media``."""
        return self.image_url.format(media=media.rstrip("/"), image=self.image)


FOLDER = "releases"
"""Folder of the data files."""


@cache
def release_names() -> tuple[str, ...]:
    """Names of all releases, sorted; none of them is read."""
    return tuple(folder_texts(FOLDER))


@cache
def release(name: str) -> Release:
    """The release ``name``; KeyError where the catalogue has none, pydantic.ValidationError on bad
    data."""
    return Release.model_validate(read_plain(folder_texts(FOLDER)[name]))


def releases() -> Mapping[str, Release]:
    """All releases by name, sorted."""
    return {name: release(name) for name in release_names()}
