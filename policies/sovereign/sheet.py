"""The sheet of a rule: what it says, how bad a breach is, which controls it answers to.

``<rule>/sheet.yaml`` holds what 12 lines of every rule would repeat. A sheet whose status
is not ``automated`` has no code: it says what will decide it, and is counted as not
automated. Everything wrong with the pack is told at once, before it starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

HERE = Path(__file__).parent
"""Folder of the pack."""

STATUSES = ("automated", "facts", "probe", "manual")
"""What decides a rule: inputs at preview, facts of the machines, a probe, or a person."""

SEVERITIES = ("low", "medium", "high", "critical")
"""How bad a breach is."""

FIELDS = ("row", "status", "severity", "holds", "remedy", "decided_by", "controls")
"""Keys of a sheet; every one is needed."""


class PackError(Exception):
    """The pack itself is wrong; one line a fault."""


@dataclass(frozen=True)
class Control:
    """A control of a named edition of a framework."""

    framework: str
    edition: str
    id: str

    def __str__(self) -> str:
        return f"{self.framework} {self.edition} {self.id}"


@dataclass(frozen=True)
class Sheet:
    """One rule, without its code."""

    rule: str
    """Name in findings and records."""
    folder: str
    row: int
    """Row of the table of 22 controls a reviewer of a sovereign site expects."""
    status: str
    severity: str
    holds: str
    """What must hold."""
    remedy: str
    decided_by: str
    """What decides it, or, of an automated rule, what decides the part no preview can see."""
    controls: tuple[Control, ...]


def read_controls(path: Path = HERE / "controls.yaml") -> Mapping[str, tuple[Control, ...]]:
    """Framework with edition -> its controls. Raises PackError for a list without a source."""
    known: dict[str, tuple[Control, ...]] = {}
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        name, edition = entry["framework"], entry["edition"]
        if not entry.get("source"):
            raise PackError(f"{path.name}: {name} {edition} names no source")
        known[f"{name} {edition}"] = tuple(Control(name, edition, one) for one in entry["ids"])
    return known


def read_sheets(folder: Path = HERE) -> tuple[Sheet, ...]:
    """All sheets by row, then name. Raises PackError with every fault of every sheet."""
    known = read_controls(folder / "controls.yaml")
    faults: list[str] = []
    sheets: list[Sheet] = []
    for path in sorted(folder.glob("*/sheet.yaml")):
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = [f"{path.parent.name}/{path.name}: {fault}" for fault in _faults(said, path, known)]
        faults += found
        if not found:
            sheets.append(_sheet(path.parent.name, said))
    if faults:
        raise PackError("\n".join(faults))
    return tuple(sorted(sheets, key=lambda sheet: (sheet.row, sheet.rule)))


def _sheet(folder: str, said: Mapping[str, object]) -> Sheet:
    controls = said["controls"]
    assert isinstance(controls, dict)  # noqa: S101 - the faults were looked for
    return Sheet(
        rule=folder.replace("_", "-"),
        folder=folder,
        row=int(str(said["row"])),
        status=str(said["status"]),
        severity=str(said["severity"]),
        holds=str(said["holds"]).strip(),
        remedy=str(said["remedy"]).strip(),
        decided_by=str(said["decided_by"]).strip(),
        controls=tuple(
            Control(*name.rsplit(" ", 1), one) for name, ids in controls.items() for one in ids
        ),
    )


def _faults(said: object, path: Path, known: Mapping[str, tuple[Control, ...]]) -> Iterator[str]:
    if not isinstance(said, dict):
        yield "no mapping"
        return
    yield from (f"{key} is missing" for key in FIELDS if not said.get(key))
    yield from (f"unknown key {key!r}" for key in said if key not in FIELDS)
    if said.get("status") not in STATUSES:
        yield f"status is {said.get('status')!r}, not one of {', '.join(STATUSES)}"
    if said.get("severity") not in SEVERITIES:
        yield f"severity is {said.get('severity')!r}, not one of {', '.join(SEVERITIES)}"
    code = (path.parent / "rule.py").is_file()
    if code != (said.get("status") == "automated"):
        yield "rule.py is there" if code else "status is automated, and there is no rule.py"
    yield from _unknown_controls(said.get("controls"), known)


def _unknown_controls(controls: object, known: Mapping[str, tuple[Control, ...]]) -> Iterator[str]:
    for name, ids in controls.items() if isinstance(controls, dict) else ():
        if name not in known:
            yield f"framework {name!r} is not in controls.yaml; write its edition too"
            continue
        listed = {control.id for control in known[name]}
        yield from (f"{name} has no control {one!r}" for one in ids if one not in listed)
