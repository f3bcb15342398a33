"""``python3 -m engine BIN``: provide the engine and link it into the folder BIN."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from engine.link import link
from engine.provide import provide
from progress import CommandError, Progress


def main(bin_folder: Path) -> int:
    """Run; returns the exit code."""
    say = Progress()
    try:
        engine = provide(os.environ, bin_folder, say)
    except (CommandError, OSError) as error:
        for text in getattr(error, "tail", ()):
            say.line(f"      | {text}")
        say.line(f"engine: {error}")
        return 1
    link(engine, bin_folder)
    say.line(f"engine: Pulumi {engine.version}, {engine.source}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
