"""A group of commands with one that needs no name: ``plan SITE`` beside ``plan diff``."""

from __future__ import annotations

import typer
from typer.core import TyperGroup

DEFAULT = "show"
"""Name of the command that is meant where none is named."""


class DefaultCommand(TyperGroup):
    """Takes the first word for a site unless it names a command of the group."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # typer's own Context
        """Put the name of the default command in, where none is named."""
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)
