"""Racks in spans, feeds and figures as they are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from powered import document
from pydantic import TypeAdapter

from bloomery.errors import FaultsError
from bloomery.site import Site, load
from bloomery.site.metal.sheet import Racks
from bloomery.site.types.quantity import Share

BASE = Path(__file__).parents[2] / "wrong" / "base"


def racks(*written: dict[str, object]) -> list[tuple[str, int]]:
    found = TypeAdapter(Racks).validate_python(
        [{"units": 48, "power_kw": 40, **it} for it in written]
    )
    return [(rack.name, rack.place) for rack in found]


def test_a_span_is_read_as_its_racks() -> None:
    assert racks({"name": "r001..r128", "place": 3})[:2] == [("r001", 3), ("r002", 4)]
    assert racks({"name": "r001..r128"})[-1] == ("r128", 0)
    assert len(racks({"name": "r001..r128"})) == 128


def test_spans_and_single_racks_mix() -> None:
    names = [name for name, _ in racks({"name": "r01..r03"}, {"name": "r07"}, {"name": "r09..r10"})]
    assert names == ["r01", "r02", "r03", "r07", "r09", "r10"]


def test_everything_else_of_a_span_holds_for_each_rack() -> None:
    site = Site.model_validate(document())
    assert {len(rack.feeds) for rack in site.racks} == {3}
    assert {rack.weight_limit_kg for rack in site.racks} == {800}
    assert [rack.place for rack in site.racks] == [1, 2]


def test_reading_what_was_read_changes_nothing() -> None:
    site = Site.model_validate(document())
    assert Site.model_validate(dict(site), by_name=True) == site


@pytest.mark.parametrize(
    ("written", "share"), [("85 %", 0.85), ("0.85", 0.85), ("100 %", 1), ("0", 0), (0.4, 0.4)]
)
def test_a_share_is_written_as_percent_or_as_part_of_one(written: object, share: float) -> None:
    assert TypeAdapter(Share).validate_python(written) == pytest.approx(share)


def test_a_fault_behind_a_span_keeps_its_line(tmp_path: Path) -> None:
    text = (BASE / "site.yaml").read_text(encoding="utf-8")
    changed = text.replace("  - name: r01\n", "  - name: r01..r40\n").replace(
        "pools:", "  - name: r41\n    units: 99\n    power_kw: 40\npools:"
    )
    (tmp_path / "site.yaml").write_text(changed, encoding="utf-8")
    rows = (BASE / "machines.csv").read_text(encoding="utf-8")
    (tmp_path / "machines.csv").write_text(rows, encoding="utf-8")
    line = changed.splitlines().index("    units: 99") + 1
    with pytest.raises(FaultsError) as caught:
        load(tmp_path)
    [fault] = caught.value.faults
    assert (fault.line, fault.path) == (line, "racks[1].units")
