"""The Pulumi project a command works in, and how the engine is called."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bloomery.errors import BloomeryError, NotReadyError

PROJECT = "Pulumi.yaml"
"""File that marks the project's directory, as for the engine itself."""


def project_dir(start: Path) -> Path:
    """Nearest directory upwards that holds a Pulumi project. Raises NotReadyError."""
    for folder in (start, *start.parents):
        if (folder / PROJECT).is_file():
            return folder
    raise NotReadyError(f"no {PROJECT} in {start} or above", next_step="cd into the project")


def engine(
    arguments: Sequence[str], project: Path, env: Mapping[str, str], *, capture: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run ``pulumi`` in the project. Its exit code is the caller's to read.

    On a terminal the engine draws its live tree; elsewhere it writes plain lines.
    """
    plain = [] if sys.stdout.isatty() and not capture else ["--non-interactive"]
    try:
        return subprocess.run(
            ["pulumi", *plain, *arguments],
            cwd=project,
            env=dict(env),
            text=True,
            check=False,
            capture_output=capture,
        )
    except FileNotFoundError:
        raise NotReadyError("pulumi is not on PATH", next_step="make setup") from None


def ensure_stack(stack: str, project: Path, env: Mapping[str, str]) -> None:
    """Create and select the stack. Raises BloomeryError with the engine's own words."""
    made = engine(["stack", "select", "--create", stack], project, env, capture=True)
    if made.returncode:
        raise BloomeryError(made.stderr.strip().splitlines()[-1], subject=f"stack {stack}")
