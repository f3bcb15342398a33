"""Print what the pack checks, as JSON: each rule, the rows it does not decide, and the score.

The engine's event log names rules only; evidence and report join it with this list.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from pack import NAME, RULES, SHEETS, score
from sheet import Sheet


def entry(sheet: Sheet) -> dict[str, object]:
    """One rule as plain JSON."""
    return {
        "rule": sheet.rule,
        "description": sheet.holds,
        "level": "mandatory",
        "severity": sheet.severity,
        "remedy": sheet.remedy,
        "controls": [asdict(control) for control in sheet.controls],
    }


def row(sheet: Sheet) -> dict[str, object]:
    """One rule of the table with what decides it."""
    return {
        "row": sheet.row,
        "rule": sheet.rule,
        "status": sheet.status,
        "holds": sheet.holds,
        "decided_by": sheet.decided_by,
    }


def description() -> dict[str, object]:
    """The whole pack."""
    return {
        "pack": NAME,
        "score": score(),
        "rules": [entry(sheet) for sheet in SHEETS if sheet.rule in RULES],
        "table": [row(sheet) for sheet in SHEETS],
    }


if __name__ == "__main__":
    json.dump(description(), sys.stdout, indent=1)
    sys.stdout.write("\n")
