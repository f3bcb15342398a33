"""What ``make check`` runs stays a matter of seconds: nothing here sets up, builds or boots."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ALLOWED = {
    "git": "says which files belong to the repository",
    "lint-imports": "reads the imports of the package",
    "describe.py": "a policy pack says its rules, for the page that lists them",
}
"""Programs a project rule may start -> what for. What needs another one is no rule about text:
it belongs in a folder that only ``make test`` runs."""


def program(command: list[str]) -> str:
    """What a command starts: the script where Python is only its interpreter."""
    names = [Path(word).name for word in command]
    scripts = [name for name in names[1:] if name.endswith(".py")]
    return scripts[0] if command[0] == sys.executable and scripts else names[0]


@pytest.fixture(autouse=True)
def _starts_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen.__init__

    def checked(self: object, args: list[str], *more: object, **options: object) -> None:
        name = program([str(word) for word in args])
        assert name in ALLOWED, f"tests/rooms starts no {name}: see {__file__}"
        start(self, args, *more, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess.Popen, "__init__", checked)
