"""Sites of one to 64 scalable units, cut from the example of 64."""

from __future__ import annotations

from pathlib import Path

import yaml

from bench.results import ROOT

EXAMPLE = ROOT / "inventories" / "example-su64"

LARGEST = 64
"""Units of the example."""

RACKS = 8
"""Racks of machines of one unit."""

MACHINES = 32
"""Machines of one unit."""

TWO_TIERS = 8
"""Units above which the tree has a third tier: 64 leaves on switches of 64 ports."""

Sheet = dict[str, dict[str, dict[str, object]]]


def cut(folder: Path, units: int) -> Path:
    """The site of ``units`` units in a directory of its own under ``folder``."""
    place = folder / f"units-{units:02}"
    place.mkdir()
    sheet = yaml.safe_load((EXAMPLE / "site.yaml").read_text(encoding="utf-8"))
    sheet |= {"site": place.name, "racks": _racks(sheet["racks"], units * RACKS)}
    _fabric(sheet, units)
    (place / "site.yaml").write_text(yaml.safe_dump(sheet, sort_keys=False), encoding="utf-8")
    lines = (EXAMPLE / "machines.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (place / "machines.csv").write_text("".join(lines[: 1 + units * MACHINES]), encoding="utf-8")
    return place


def _racks(entries: list[dict[str, object]], last: int) -> list[dict[str, object]]:
    """Spans of the racks up to number ``last``, and those of the switches."""
    kept = []
    for entry in entries:
        first, end = (int(name[1:]) for name in str(entry["name"]).split(".."))
        if first > LARGEST * RACKS or end <= last:
            kept.append(entry)
        elif first <= last:
            kept.append({**entry, "name": f"r{first:04}..r{last:04}"})
    return kept


def _fabric(sheet: Sheet, units: int) -> None:
    compute, storage = sheet["fabric"]["compute"], sheet["fabric"]["storage"]
    compute["su"] = units
    # Two units of machines share a unit of leaves to storage.
    storage["su"] = -(-units // 2)
    if units <= TWO_TIERS:
        compute.pop("cores")
    for group in sheet["fabric"]["oob"]["groups"]:  # type: ignore[attr-defined]
        if group["name"] == "gpu":
            group["racks"] = [f"r0001..r{units * RACKS:04}"]
