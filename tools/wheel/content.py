"""Puts roles and policies into the wheel.

A policy pack names its Python environment by a path from its own folder. Installed, that
folder lies elsewhere than in a checkout, so its sheet is written anew on the way.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CONTENT = Path("bloomery/_content")
"""Folder of the package that carries what is no Python."""

SHEET = "PulumiPolicy.yaml"
"""File that makes a folder a policy pack."""

ABOVE_PACKAGES = 3
"""Folders from an environment to its packages: ``lib/python3.x/site-packages``."""


class Content(BuildHookInterface):  # type: ignore[type-arg]  # hatchling has no stubs
    """Build hook of the wheel, named in pyproject.toml."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add every file of ``ansible`` and ``policies`` to what the wheel holds."""
        del version
        root = Path(self.root)
        written = Path(tempfile.mkdtemp())
        for source in (*_files(root / "ansible"), *_files(root / "policies")):
            place = CONTENT / source.relative_to(root)
            held = _sheet(source, place, written) if source.name == SHEET else source
            build_data["force_include"][str(held)] = str(place)


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file() and file.suffix != ".pyc")


def _sheet(source: Path, place: Path, folder: Path) -> Path:
    """The sheet of a policy pack, for its place in an environment."""
    up = "/".join([".."] * (len(place.parent.parts) + ABOVE_PACKAGES))
    text, found = re.subn(r"(?m)^(\s+virtualenv:).*$", rf"\1 {up}", source.read_text())
    if found != 1:
        raise ValueError(f"{source}: one line 'virtualenv:' wanted, {found} found")
    sheet = folder / f"{source.parent.name}.yaml"
    sheet.write_text(text)
    return sheet
