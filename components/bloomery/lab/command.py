"""Programmes of the system, run to their end."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from bloomery.errors import LabError

COMMAND_SECONDS = 60.0
"""Longest any of these programmes may take; each normally needs milliseconds."""


def run(command: Sequence[str], given: str = "", cwd: Path | None = None) -> str:
    """Run ``command`` with ``given`` on its standard input; its output. LabError when it fails.

    ``cwd`` is the directory it runs in, by default that of this process.
    """
    try:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
            cwd=cwd,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LabError(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        told = (done.stderr or done.stdout).strip().splitlines()
        raise LabError(f"{' '.join(command)}: {told[-1] if told else done.returncode}")
    return done.stdout
