"""The commands of a page, so that tests can run exactly what people read.

A fenced block marked ``sh`` is a step that runs anywhere; ``sh lab`` needs a lab, and
with it root. A block marked ``text`` right after a step is what it prints: every line
must come, in order, and ``...`` stands for anything.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One block of commands."""

    line: int
    """Line of the page its first command stands on."""
    commands: str
    lab: bool
    """Whether it needs a lab."""
    prints: tuple[str, ...] = ()
    """What must come, line by line."""


def steps(page: str) -> tuple[Step, ...]:
    """Every step of a page, in order."""
    found: list[Step] = []
    for block in FENCE.finditer(page):
        info, body = block["info"].split(), block["body"]
        line = page.count("\n", 0, block.start("body")) + 1
        if info[:1] == ["sh"]:
            found.append(Step(line, body, "lab" in info[1:]))
        elif info == ["text"] and found and not found[-1].prints:
            last = found[-1]
            found[-1] = Step(last.line, last.commands, last.lab, tuple(body.splitlines()))
    return tuple(found)


def unseen(prints: tuple[str, ...], output: str) -> str:
    """The first promised line that did not come, in order; empty when all did."""
    lines = iter(output.splitlines())
    for promise in prints:
        pattern = ".*".join(re.escape(part) for part in promise.rstrip().split("..."))
        if not any(re.fullmatch(pattern, line.rstrip()) for line in lines):
            return promise
    return ""


def script(chosen: tuple[Step, ...], mark: str) -> str:
    """One shell script that runs the steps in one shell and prints ``mark`` after each."""
    parts = ["set -eo pipefail"]
    for number, step in enumerate(chosen):
        parts += [step.commands.rstrip(), f"printf '\\n%s %s\\n' {shlex.quote(mark)} {number}"]
    return "\n".join(parts) + "\n"
