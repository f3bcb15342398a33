"""Every run there is: found by its file, and refused where it could never run."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from bloomery.drivers.ansible.content import playbook_path, shipped_paths
from bloomery.nouns import CARRYING, LAYERS, Noun, layer_of
from bloomery.runs.registry import ordered, run_kinds

BASE = run_kinds()["base"]
MANAGEMENT = {"management": "management"}
GUARD = replace(BASE, name="guard", noun="cooling", groups=MANAGEMENT, needs=("base",))
JOB = replace(BASE, name="job", noun="cluster", groups={"training": "training"}, needs=("base",))


def test_layers_are_the_nouns_above_the_base() -> None:
    assert ("base", *get_args(Noun)) == LAYERS
    assert CARRYING[0] == "base" and "metal" not in CARRYING and "cluster" not in CARRYING
    assert (layer_of("metal", "management"), layer_of("metal", "training")) == ("base", "metal")


def test_a_run_stands_after_those_it_needs() -> None:
    names = list(run_kinds())
    for kind in run_kinds().values():
        assert all(names.index(name) < names.index(kind.name) for name in kind.needs)


def test_every_run_has_its_playbook_and_what_it_ships() -> None:
    for kind in run_kinds().values():
        assert playbook_path(kind.playbook or kind.name)
        assert set(shipped_paths(kind.ships)) == set(kind.ships)


def test_a_run_below_the_metal_may_need_what_runs_on_management_machines() -> None:
    assert list(ordered([JOB, GUARD, BASE])) == ["base", "guard", "job"]


@pytest.mark.parametrize(
    ("kinds", "reason"),
    [
        ([BASE, replace(GUARD, noun="magic")], "run 'guard' is of 'magic', which is no noun"),
        ([GUARD], "run 'guard' needs 'base', which is no run"),
        ([BASE, replace(JOB, needs=("base", "job"))], "in a circle: job -> job"),
        (
            [BASE, JOB, replace(GUARD, needs=("job",))],
            "run 'guard' needs 'job' of 'cluster', which comes up later",
        ),
        (
            [BASE, replace(BASE, name="driver", groups={"training": "training"}),
             replace(GUARD, needs=("driver",))],
            "run 'guard' needs 'driver' of 'metal', which comes up later",
        ),
        (
            [BASE, replace(GUARD, groups={**MANAGEMENT, "training": "training"})],
            "run 'guard' of 'cooling' is for training machines, which come up later",
        ),
    ],
)  # fmt: skip
def test_what_could_never_run_is_refused(kinds, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        ordered(kinds)
