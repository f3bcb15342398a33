"""How long each part of a command took: told while it runs, kept for the benches."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console


class Stopwatch:
    """Times named parts and writes them to one JSON file."""

    def __init__(self, console: Console, path: Path) -> None:
        self._console = console
        self._path = path
        self.parts: dict[str, float] = {}

    @contextmanager
    def part(self, name: str, what: str) -> Iterator[None]:
        """Time one part; ``what`` says what happens, in one line."""
        self._console.print(f"[bold cyan]==[/] {what}", highlight=False)
        begun = time.monotonic()
        try:
            yield
        finally:
            self.parts[name] = round(time.monotonic() - begun, 2)
            self._console.print(f"[dim]   {name}: {self.parts[name]:.1f} s[/]", highlight=False)
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.write_text(json.dumps(self.parts, indent=1) + "\n", encoding="utf-8")
