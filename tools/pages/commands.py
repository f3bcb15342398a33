"""``docs/commands.md``: the command line, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

INTRO = """\
# Commands

`bloomery` is in `.venv/bin` after set-up. SITE is the name of a site in `inventories/`, or its
directory. An error is one line: what, where, and the next step. Exit code 2: an input file has a
fault; 1: any other error.

This page is generated: `make docs`.
"""


def _walk(command: object, name: str) -> Iterator[tuple[str, TyperCommand]]:
    if isinstance(command, TyperGroup):
        for word, below in command.commands.items():
            yield from _walk(below, f"{name} {word}")
    elif isinstance(command, TyperCommand):
        yield name, command


def _usage(name: str, command: TyperCommand) -> str:
    words = [name]
    for parameter in command.params:
        if isinstance(parameter, TyperArgument):
            word = (parameter.name or "").upper() + ("..." if parameter.nargs != 1 else "")
            words.append(word if parameter.required else f"[{word}]")
    return " ".join(words)


def _options(command: TyperCommand) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, TyperArgument) and parameter.help:
            yield f"- `{(parameter.name or '').upper()}`: {parameter.help}"
        elif isinstance(parameter, TyperOption) and not parameter.hidden:
            names = " ".join(f"`{name}`" for name in parameter.opts)
            yield f"- {names}: {parameter.help or ''}".rstrip(": ")


def page(app: typer.Typer) -> str:
    """The page as it should be."""
    parts = [INTRO]
    for name, command in _walk(typer.main.get_command(app), "bloomery"):
        parts += [f"\n## `{_usage(name, command)}`\n", (command.help or "").strip() + "\n"]
        options = list(_options(command))
        if options:
            parts.append("\n".join(["", *options, ""]))
    return "\n".join(parts).replace("\n\n\n", "\n\n").rstrip() + "\n"
