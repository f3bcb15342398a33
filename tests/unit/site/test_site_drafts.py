"""A draft names every gap at once: values in site.yaml, cells in machines.csv."""

from __future__ import annotations

from pathlib import Path

import pytest

from bloomery.errors import FaultsError
from bloomery.site import load
from bloomery.site.metal.delivery import HEADER, Place, delivery_template
from bloomery.site.reading.draft_gaps import TO_FILL, UNFILLED

BASE = Path(__file__).parents[3] / "tests" / "wrong" / "base"


def faults(directory: Path, site: str, machines: str) -> list[str]:
    (directory / "site.yaml").write_text(site)
    (directory / "machines.csv").write_text(machines)
    with pytest.raises(FaultsError) as caught:
        load(directory)
    return [str(fault).removeprefix(f"{directory}/") for fault in caught.value.faults]


def test_a_template_has_the_places_and_no_identity() -> None:
    text = delivery_template([Place("train-01", "train", "r01", 1)])
    assert text == f"{HEADER}\ntrain-01,train,r01,1,,,,,\n"


def test_each_row_is_one_fault(tmp_path: Path) -> None:
    rows = delivery_template(Place(f"train-{n:02d}", "train", "r01", n) for n in (1, 2, 3))
    told = faults(tmp_path, (BASE / "site.yaml").read_text(), rows)
    assert len(told) == 3
    assert all(UNFILLED in line for line in told)
    assert told[0].startswith(
        "machines.csv:2 train-01: not filled in: bmc_mac, bmc_address, chassis_serial, system_uuid;"
    )


def test_what_is_filled_wrongly_is_told_beside_the_gaps(tmp_path: Path) -> None:
    rows = f"{HEADER}\ntrain-01,train,r01,1,xx,,,SN-1,\ntrain-01,train,r01,2,,,,,\n"
    told = faults(tmp_path, (BASE / "site.yaml").read_text(), rows)
    assert [line.partition(";")[0] for line in told] == [
        "machines.csv:2 train-01: not filled in: bmc_address, system_uuid",
        "machines.csv:2 train-01.bmc_mac: 'xx' is not a MAC address",
        "machines.csv:3 train-01: not filled in: bmc_mac, bmc_address, chassis_serial, system_uuid",
        "machines.csv:3 train-01.name: machine 'train-01' is given twice",
    ]


def test_values_to_fill_are_told_once_each(tmp_path: Path) -> None:
    site = (BASE / "site.yaml").read_text()
    site = site.replace("UA-kyiv", TO_FILL).replace("10.1.0.0/16", TO_FILL)
    told = faults(tmp_path, site, (BASE / "machines.csv").read_text())
    assert told == [
        "site.yaml:3 location: not filled in; for example location: UA-kyiv",
        "site.yaml:7 networks.oob.cidr: not filled in; for example cidr: 10.20.0.0/16",
    ]
