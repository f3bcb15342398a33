"""``python -m trees DIR [--json]``: exit code 1 where an operation has a fault, 2 for bad input."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from trees.operations import try_all
from trees.recording import Recording
from trees.server import make_leaf
from trees.table import table

AT_ONCE = 4
"""Trees at once: most of a trial is waiting."""


def main(words: list[str]) -> int:
    """Try every tree of a folder."""
    folders = [word for word in words if not word.startswith("--")]
    if len(folders) != 1 or set(words) - {*folders, "--json"}:
        sys.stderr.write("usage: python -m trees DIR [--json]\n")
        return 2
    paths = sorted(Path(folders[0]).glob("*.json"))
    if not paths:
        sys.stderr.write(f"{folders[0]}: no *.json there\n")
        return 2
    try:
        recordings = [Recording.read(path) for path in paths]
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    leaf = make_leaf()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rows = list(pool.map(lambda recording: try_all(recording, leaf), recordings))
    named = zip(recordings, rows, strict=True)
    if "--json" in words:
        said = [{"tree": one.name, "operations": row} for one, row in named]
        sys.stdout.write(json.dumps({"trees": said}, indent=2) + "\n")
    else:
        sys.stdout.write(table({one.name: row for one, row in named}))
    return int(any(outcome.startswith("fault") for row in rows for outcome in row.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
