"""A clone has the source's sizes and choices and nothing that belongs to the source alone."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml
from lock_samples import KEYS, WORDS, read

from bloomery.errors import FaultsError
from bloomery.site import load
from bloomery.site.draft.clone import OWN_ADDRESSES, clone, refusals, write
from bloomery.site.metal.delivery import IDENTITY, parse_delivery
from bloomery.site.reading.draft_gaps import TO_FILL, UNFILLED
from bloomery.site.reading.yaml_positions import positions

ROOT = Path(__file__).parents[3]
SITES = sorted(path.parent.name for path in (ROOT / "inventories").glob("*/site.yaml"))
ADDRESSES = ("10.1.0.0/16", "10.1.0.1", "https://10.1.0.1")


@pytest.fixture
def inventories(tmp_path: Path) -> Path:
    """All sites that ship, with their national file."""
    return Path(shutil.copytree(ROOT / "inventories", tmp_path / "inventories"))


@pytest.mark.parametrize("name", SITES)
def test_nothing_of_the_source_is_left(inventories: Path, name: str) -> None:
    source = load(inventories / name)
    made = clone(inventories / name, "other")
    text = made.site + made.machines
    networks = source.networks
    for machine in source.machines:
        for column in (*IDENTITY, "bmc_cert_sha256"):
            value = getattr(machine, column)
            assert not value or value not in text, (machine.name, column)
    for value in (networks.oob.cidr, networks.provisioning.cidr, source.depot.url):
        assert value not in text
    assert not re.search(rf"(?m)^site: {name}$", text)


@pytest.mark.parametrize("name", SITES)
def test_what_is_no_address_stays_with_every_comment(inventories: Path, name: str) -> None:
    before = (inventories / name / "site.yaml").read_text().splitlines()
    after = clone(inventories / name, "other").site.splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert ("site: " + name, "site: other") in changed
    assert all(TO_FILL in new for _, new in changed if new != "site: other")
    data = yaml.safe_load("\n".join(after))
    assert data["pools"] == yaml.safe_load("\n".join(before))["pools"]


@pytest.mark.parametrize("name", SITES)
def test_places_stay_and_each_row_waits(inventories: Path, name: str) -> None:
    source = load(inventories / name)
    made = clone(inventories / name, "other")
    rows = [line.split(",") for line in made.machines.splitlines()[1:]]
    assert [row[:4] for row in rows] == [
        [it.name, it.pool, it.rack, str(it.unit)] for it in source.machines
    ]
    told = parse_delivery("machines.csv", made.machines).faults
    assert len(told) == made.rows == len(source.machines)


@pytest.mark.parametrize("name", SITES)
def test_loading_names_every_gap_at_once(inventories: Path, name: str) -> None:
    made = clone(inventories / name, "other")
    place = inventories / ("lab-other" if name.startswith("lab") else "other")
    write(made, place)
    with pytest.raises(FaultsError) as caught:
        load(place)
    gaps = [fault for fault in caught.value.faults if fault.reason.startswith(UNFILLED)]
    assert len(gaps) == len(caught.value.faults) == made.values + made.rows


@pytest.mark.parametrize("key", [key for key in KEYS if key.is_plain and str in key.types], ids=str)
def test_every_key_of_addresses_is_forgotten(key) -> None:
    """Asked of the key itself: what takes an address and no plain word is one of addresses."""
    takes = {word for word in (*ADDRESSES, *WORDS) if not isinstance(read(key, word), Exception)}
    words = {"alpha", "UA-kyiv", "a.example", "580.1"}
    only_addresses = bool(takes & set(ADDRESSES)) and not takes & words
    assert only_addresses == any(mark in OWN_ADDRESSES for mark in key.validators)


def rewrite(inventories: Path, old: str, new: str) -> Path:
    file = inventories / "lab" / "site.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    return file.parent


def test_places_of_law_stay_and_the_only_place_goes(inventories: Path) -> None:
    """A list of several places is law; one of the source's own place speaks of the source."""
    lab = inventories / "lab"
    assert "allowed_locations: [UA-lab, UA-lab-vault]" in clone(lab, "other").site
    rewrite(inventories, "[UA-lab, UA-lab-vault]", "[UA-lab]")
    assert f"allowed_locations: [{TO_FILL}]" in clone(lab, "other").site


def test_addresses_in_comments_go_too(inventories: Path) -> None:
    lab = rewrite(inventories, "depot:", "# BMC 127.77.1.1:8443, serial lab-r01-u01\ndepot:")
    assert f"# BMC {TO_FILL}, serial {TO_FILL}\n" in clone(lab, "other").site


@pytest.mark.parametrize(
    "block",
    [
        "reinstall:\n  # why\n  train-01: 2\n  train-02: 3  # here\n",
        "reinstall: {train-01: 2}\n",
        "reinstall:\n  {train-01: 2,\n   train-02: 3}\n",
    ],
)
def test_single_reinstallations_are_not_inherited(inventories: Path, block: str) -> None:
    lab = rewrite(inventories, "\npolicy:\n", f"\n{block}\n# law\npolicy:\n")
    text = clone(lab, "other").site
    assert not (yaml.safe_load(text).get("reinstall"))
    assert "\n# law\npolicy:\n" in text


def bound(inventories: Path, locks: dict[str, dict[str, object]]) -> Path:
    (inventories / "national.yaml").write_text(yaml.safe_dump({"locks": locks}))
    return inventories / "lab"


def test_what_the_nation_locks_keeps_its_value(inventories: Path) -> None:
    clock = {"sovereignty.time_sources": {"lock": "locked", "value": ["10.77.0.1"]}}
    lab = bound(inventories, clock)
    assert "time_sources: [10.77.0.1]" in clone(lab, "other").site


def test_numbers_in_the_pool_stay_and_what_the_buyer_noted_goes(inventories: Path) -> None:
    source = load(shutil.copytree(ROOT / "tests" / "golden" / "hall", inventories / "hall"))
    made = clone(inventories / "hall", "other")
    header, *rows = made.machines.splitlines()
    assert header.endswith(",system_uuid,number")
    assert [row.rpartition(",")[2] for row in rows] == ["1", "2", "3", ""]
    assert not [tag for tag in ("asset_tag", "T-0471", "2026/118") if tag in made.machines]
    (inventories / "other").mkdir()
    (inventories / "other" / "machines.csv").write_text(made.machines)
    (inventories / "other" / "site.yaml").write_text(
        (inventories / "hall" / "site.yaml").read_text()
    )
    draft = load(inventories / "other", draft=True)
    assert [it.number for it in draft.machines] == [it.number for it in source.machines]
    assert [it.bmc_address for it in draft.machines] == [
        "10.20.1.1", "10.20.2.1", "10.20.51.1", "10.20.53.1",
    ]  # fmt: skip


def test_a_clone_elsewhere_takes_its_national_file_along(inventories: Path) -> None:
    lab = bound(inventories, {"country": {"lock": "locked", "value": "UA"}})
    there = inventories.parent / "elsewhere"
    write(clone(lab, "other"), there / "other")
    assert (there / "national.yaml").read_text() == (inventories / "national.yaml").read_text()
    (there / "national.yaml").write_text("locks: {country: {lock: free}}\n")
    (refused,) = refusals(lab, there / "third")
    assert "is not the national file of" in refused.reason


def test_a_source_at_fault_is_not_cloned(inventories: Path) -> None:
    lab = rewrite(inventories, "country: UA", "country: ua")
    with pytest.raises(FaultsError):
        clone(lab, "other")


def test_nothing_is_overwritten(inventories: Path) -> None:
    made = clone(inventories / "lab", "other")
    (inventories / "other").mkdir()
    assert refusals(inventories / "lab", inventories / "other")
    with pytest.raises(FaultsError):
        write(made, inventories / "other")
    assert not list((inventories / "other").iterdir())
    assert not list(inventories.glob(".*"))


def test_nothing_half_written_stays(inventories: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = bound(inventories, {"country": {"lock": "locked", "value": "UA"}})
    made = clone(lab, "other")
    there = inventories.parent / "elsewhere"

    def full(self: Path, target: Path) -> Path:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="no space"):
        write(made, there / "other")
    assert not list(there.iterdir())


def test_spans_are_those_of_the_text() -> None:
    text = "a: {b: 1, 'c': \"x y\"}\nd:\n  - e  # f\n  - {g: h}\n"
    found = {
        path: text[position.start : position.end] for path, position in positions(text).items()
    }
    assert found["a", "c"] == '"x y"'
    assert found["a",] == "{b: 1, 'c': \"x y\"}"
    assert found["d", 0] == "e"
    assert found["d",] == "- e  # f\n  - {g: h}"
