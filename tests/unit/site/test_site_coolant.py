"""Cooling keys: what is damaged is read or refused, and good keys are read as they are meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bloomery.errors import FaultsError
from bloomery.site import Site, load

INVENTORY = Path(__file__).parents[3] / "inventories" / "example-gb300"
TEXT = (INVENTORY / "site.yaml").read_text(encoding="utf-8")
HEADER, *TRAYS = (INVENTORY / "machines.csv").read_text(encoding="utf-8").splitlines()
ROWS = "\n".join((HEADER, *TRAYS[::18])) + "\n"
"""One tray of each rack."""
HEAD = TEXT[: TEXT.index("\ncooling:") + 1]
FIRST = HEAD.count("\n")
LINES = TEXT.splitlines()
COOLING = range(FIRST, len(LINES))


def write(directory: Path, text: str) -> Path:
    (directory / "site.yaml").write_text(text, encoding="utf-8")
    (directory / "machines.csv").write_text(ROWS, encoding="utf-8")
    return directory


def test_keys_are_read_in_their_units(tmp_path: Path) -> None:
    site = load(write(tmp_path, TEXT))
    assert site.cooling is not None
    [tcs] = site.cooling.loops
    assert tcs.rack_path.drop_kpa == pytest.approx(15.858, abs=0.001)
    assert tcs.pressures.rated_kpa == 500
    assert (tcs.return_limit_c, tcs.supply_limit_c) == (55, 45)
    assert tcs.pressures.coupling_static_kpa == pytest.approx(206.84, abs=0.01)
    assert not tcs.air_cooled
    assert site.cooling.facility_water[0].water_class == "W32"


def test_a_site_without_cooling_has_none(tmp_path: Path) -> None:
    rest = HEAD + TEXT[TEXT.index("\npolicy:") :]
    assert load(write(tmp_path, rest)).cooling is None


@pytest.mark.parametrize("cooling", ["[]", "x", "{loops: x}", "{loops: [x]}", "{loops: [{}]}"])
def test_other_shapes_are_refused(tmp_path: Path, cooling: str) -> None:
    rest = HEAD + f"cooling: {cooling}\n"
    with pytest.raises(FaultsError) as caught:
        load(write(tmp_path, rest))
    assert all(fault.path.startswith("cooling") for fault in caught.value.faults)


@given(st.data())
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_damaged_cooling_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.sampled_from(COOLING[:-4]))
        kind = data.draw(st.sampled_from(["lose", "double", "indent", "value"]))
        if kind == "lose":
            lines[at] = ""
        elif kind == "double":
            lines.insert(at, lines[at])
        elif kind == "indent":
            lines[at] = "  " + lines[at]
        else:
            value = data.draw(st.sampled_from(["", "x", "[]", "{}", "-1", "1e9", "[[]]", "[{}]"]))
            lines[at] = lines[at].partition(":")[0] + ": " + value
    try:
        assert isinstance(load(write(tmp_path, "\n".join(lines) + "\n")), Site)
    except FaultsError as error:
        assert error.faults
