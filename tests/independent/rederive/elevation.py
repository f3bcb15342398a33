"""What a rack-scale rack holds beside its compute trays: who stands at which unit."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rederive.ledger import Ledger
from rederive.reading import Files, Tree, catalogue, rack_numbers, racks

LISTS = (("nvlink_units", "nvlink_tray"), ("shelf_units", "shelf"))
"""Key of a rack, and key of the catalogue's rack that names what stands there."""


@dataclass(frozen=True)
class Part:
    """One of them at its place."""

    name: str
    rack: str
    unit: int
    model: Tree


def parts(files: Files) -> Iterator[Part]:
    """Every unit that is given, in a rack with trays of a rack-scale model."""
    models = {pool["name"]: catalogue("nodes")[pool["model"]] for pool in files.sheet["pools"]}
    whole: dict[str, Tree] = {}
    for row in files.machines:
        found = models[row["pool"]].get("rack")
        if isinstance(found, Mapping):
            whole[row["rack"]] = found
    for name, rack in racks(files.sheet).items():
        for units, key in LISTS if name in whole else ():
            places = [unit for item in rack.entry.get(units, ()) for unit in _span(str(item))]
            model = catalogue("rack_parts")[whole[name][key]]
            for number, unit in enumerate(places):
                yield Part(f"{name}-{model['kind']}-{number + 1}", name, unit, model)


def _span(written: str) -> range:
    low, _, high = written.partition("..")
    return range(int(low), int(high or low) + 1)


def compare_parts(files: Files, plan: Tree, ledger: Ledger) -> None:
    """Places, models and addresses."""
    wanted = {part.name: part for part in parts(files)}
    network = ipaddress.IPv4Network(files.sheet["networks"]["oob"]["cidr"])
    strides = rack_numbers(files.sheet)
    found = ledger.named("parts of racks", plan["metal"]["parts"], wanted)
    for name, planned in found.items():
        part = wanted[name]
        ledger.fields(
            f"part {name}",
            planned,
            kind=part.model["kind"],
            model=part.model["key"],
            rack=part.rack,
            unit=part.unit,
            # As a switch at that unit would have it: the upper half of the rack's 256.
            oob_address=str(network[256 * strides[part.rack] + 128 + part.unit]),
        )
