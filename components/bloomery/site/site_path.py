"""From what a person types to the directory of a site."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from bloomery.errors import InputError
from bloomery.site.load import SITE_FILE
from bloomery.site.reading.fault_texts import suggest

ENV_INVENTORIES = "BLOOMERY_INVENTORIES"
"""Environment variable: a directory that holds one folder per site."""


def find_site(
    name_or_path: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Path:
    """Directory of a site, by path or by name.

    A name is looked for in ``inventories`` under ``cwd`` (the current directory) and its
    parents, then in the directory that ``$BLOOMERY_INVENTORIES`` names. The path comes
    back relative to ``cwd`` where it lies below it. Raises InputError where there is none.
    """
    here = (cwd or Path.cwd()).absolute()
    given = here / name_or_path
    # A bare word is a name unless a site lies right there: "tests/lab" is no site called "lab".
    if (given / SITE_FILE).is_file() or (os.sep in name_or_path and given.is_dir()):
        return Path(name_or_path)
    places = list(_places(here, os.environ if env is None else env))
    for place in places:
        if (place / name_or_path / SITE_FILE).is_file():
            return _short(place / name_or_path, here)
    known = {entry.parent.name for place in places for entry in place.glob(f"*/{SITE_FILE}")}
    raise InputError(
        f"unknown site {name_or_path!r}",
        next_step=suggest(name_or_path, known, "known sites")
        or f"write inventories/{name_or_path}/{SITE_FILE}, or set {ENV_INVENTORIES}",
    )


def _places(here: Path, env: Mapping[str, str]) -> Iterator[Path]:
    for directory in (here, *here.parents):
        yield directory / "inventories"
    if ENV_INVENTORIES in env:
        yield Path(env[ENV_INVENTORIES])


def _short(path: Path, here: Path) -> Path:
    return path.relative_to(here) if path.is_relative_to(here) else path
