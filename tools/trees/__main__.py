"""``python -m trees DIR [--json | --page FILE]``: exit code 1 where an operation has a fault.

``--page`` writes the table between its marks in a page. Exit code 2 is for bad input.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from trees.operations import try_all
from trees.recording import Recording
from trees.server import make_leaf
from trees.table import Outcomes, into, table

USAGE = "usage: python -m trees DIR [--json | --page FILE]\n"

AT_ONCE = 4
"""Trees at once: most of a trial is waiting."""


def main(words: list[str]) -> int:
    """Try every tree of a folder."""
    match words:
        case [folder]:
            show = _as_table
        case [folder, "--json"]:
            show = _as_json
        case [folder, "--page", page]:
            show = partial(_into_page, Path(page))
        case _:
            sys.stderr.write(USAGE)
            return 2
    try:
        outcomes = _outcomes(Path(folder))
        show(outcomes)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return int(any(said.startswith("fault") for row in outcomes.values() for said in row.values()))


def _outcomes(folder: Path) -> Outcomes:
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise ValueError(f"{folder}: no *.json there")
    recordings = [Recording.read(path) for path in paths]
    leaf = make_leaf()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rows = list(pool.map(lambda recording: try_all(recording, leaf), recordings))
    return {one.name: row for one, row in zip(recordings, rows, strict=True)}


def _as_table(outcomes: Outcomes) -> None:
    sys.stdout.write(table(outcomes))


def _as_json(outcomes: Outcomes) -> None:
    said = [{"tree": name, "operations": row} for name, row in outcomes.items()]
    sys.stdout.write(json.dumps({"trees": said}, indent=2) + "\n")


def _into_page(page: Path, outcomes: Outcomes) -> None:
    page.write_text(into(page.read_text(encoding="utf-8"), outcomes), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
