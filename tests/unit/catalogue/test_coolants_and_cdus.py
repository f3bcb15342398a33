"""Coolants, CDUs and plants: every entry loads, and a curve guesses nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bloomery.catalogue.cdu import CduModel, cdu_model, cdu_models
from bloomery.catalogue.fluid import Curve, fluid, fluids
from bloomery.catalogue.plant import plants

CURVE = Curve(source="a table of a test", points={20: 2.0, 0: 1.0, 10: 5.0})


def test_entries_stand_in_the_file_of_their_name() -> None:
    for entries in (fluids(), cdu_models(), plants()):
        assert entries
        assert [entry.key for entry in entries.values()] == list(entries)


def test_points_and_the_lines_between() -> None:
    assert CURVE.at(0) == 1.0
    assert CURVE.at(10) == 5.0
    assert CURVE.at(5) == pytest.approx(3.0)
    assert CURVE.at(15) == pytest.approx(3.5)
    assert CURVE.at(20) == 2.0


@pytest.mark.parametrize("celsius", [-0.1, 20.1])
def test_nothing_is_guessed_outside(celsius: float) -> None:
    with pytest.raises(ValueError, match="outside 0 to 20"):
        CURVE.at(celsius)


def test_one_point_is_no_curve() -> None:
    with pytest.raises(ValidationError):
        Curve(source="a table of a test", points={20: 1.0})


@given(st.sampled_from(sorted(fluids())), st.floats(0, 45))
def test_coolants_are_smooth(key: str, celsius: float) -> None:
    """A slip of a digit in the table would show as a jump."""
    found = fluid(key)
    assert 0.98 < found.density_kg_l.at(celsius) < 1.04
    assert 3.8 < found.heat_capacity_kj_kgk.at(celsius) < 4.25
    warmer = min(celsius + 5, 45)
    assert found.density_kg_l.at(warmer) <= found.density_kg_l.at(celsius) + 2e-4
    assert abs(found.density_kg_l.at(warmer) - found.density_kg_l.at(celsius)) < 0.003


def test_glycol_carries_less_and_is_known_less_far() -> None:
    water, glycol = fluid("water"), fluid("pg25")
    assert glycol.glycol
    assert not water.glycol
    assert glycol.heat_capacity_kj_kgk.at(30) < water.heat_capacity_kj_kgk.at(30)
    assert (water.lowest_c, water.highest_c) == (0, 60)
    assert (glycol.lowest_c, glycol.highest_c) == (0, 45)


def test_approach_of_both_kinds() -> None:
    approach = {key: model.approach_k for key, model in cdu_models().items()}
    assert {found.value for found in approach.values() if found} == {5, 15}
    assert cdu_model("generic-air").exchanger == "air"


def test_a_row_cdu_moves_1300_kw() -> None:
    found = cdu_model("row-1300kw").capacity_kw
    assert found is not None
    assert found.value == 1300


def test_figures_need_a_source() -> None:
    data = cdu_model("generic").model_dump()
    for name in ("capacity_kw", "flow_lpm", "pumps", "power_kw"):
        with pytest.raises(ValidationError):
            CduModel.model_validate({**data, name: 3})


def test_unknown_names_are_key_errors() -> None:
    for lookup in (fluid, cdu_model):
        with pytest.raises(KeyError):
            lookup("no-such-thing")
