"""``netlab create``, run by the rivals' own Python, with the seconds after its imports printed.

The arguments are those of the command.
"""

from __future__ import annotations

import sys
import time

from netsim import cli  # type: ignore[import-not-found]  # lives in the rivals' environment only
from netsim.cli import create  # type: ignore[import-not-found]  # noqa: F401 - imported beforehand


def main() -> None:
    """``netlab_side.py create TOPOLOGY ...``."""
    begun = time.perf_counter()
    cli.lab_commands("netlab")
    sys.stdout.write(f"\n{time.perf_counter() - begun}\n")


if __name__ == "__main__":
    main()
