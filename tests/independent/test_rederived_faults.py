"""The second way can fail: whatever is changed in a plan, it says so."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from rederive import differences
from sites import write_site

from bloomery.plan import make_plan
from bloomery.site import load

SEEDS = range(24)
"""Sites that together have everything a plan can have; a test holds that."""

Json = dict[str, Any]
Case = tuple[Path, Json]

LISTS: dict[str, Callable[[Json], list[Any]]] = {
    "node": lambda plan: plan["metal"]["nodes"],
    "host": lambda plan: [it["host"] for it in plan["metal"]["nodes"]],
    "identity": lambda plan: [it["identity"] for it in plan["metal"]["nodes"]],
    "rack": lambda plan: plan["metal"]["racks"],
    "item": lambda plan: [item for it in plan["metal"]["racks"] for item in it["items"]],
    "part": lambda plan: plan["metal"]["parts"],
    "hall": lambda plan: plan["metal"]["halls"],
    "circuit": lambda plan: plan["metal"]["circuits"],
    "source": lambda plan: plan["metal"]["sources"],
    "loop": lambda plan: plan["cooling"]["loops"],
    "flow": lambda plan: [rack for it in plan["cooling"]["loops"] for rack in it["racks"]],
    "cdu": lambda plan: plan["cooling"]["cdus"],
    "network": lambda plan: [it for it in plan["fabric"]["networks"] if it["name"] != "oob"],
    "switch": lambda plan: [it for it in plan["fabric"]["switches"] if it["network"] != "oob"],
    "cable": lambda plan: plan["fabric"]["cables"],
    "tenant": lambda plan: plan["fabric"]["tenants"],
}
"""What the second way derives, thing by thing."""

NOT_DERIVED = {
    # Copied from the site's file or from the release, with nothing to derive.
    *(f"node.{key}" for key in ("purpose", "image", "install_generation", "key_epoch")),
    *(f"host.{key}" for key in ("gateway", "mac", "ssh_port", "user")),
    *(f"hall.{key}" for key in ("temperature_max_c", "humidity_max_percent")),
    # Which figures of two pools of one model are meant: told by the sums of the rack.
    "item.model",
    # The site's own answer to a fault or a sheet of the supplier, passed on as it is.
    *(
        f"loop.{key}"
        for key in (
            *("supply_min_c", "return_limit_c", "static_head_kpa", "rated_kpa", "detect_s"),
            *("decide_s", "power_off_s", "filter_um", "supply_limit_c", "rack_drop_kpa"),
            *("rack_drop_lpm", "rack_volume_l", "pipe_drop_kpa", "pipe_drop_lpm", "flow_loss"),
            *("coupling_static_kpa", "facility_water", "facility_supply_min_c"),
            *("facility_limit_c", "facility_insulated", "approach_k"),
        )
    ),
    *(f"flow.{key}" for key in ("valve", "rack_detector", "bms_name", "flow_limit_lpm")),
    *(f"network.{key}" for key in ("pool", "asn_first", "asn_last")),
}
"""Fields it leaves alone. A field that is neither here nor noticed fails the test."""


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    found = []
    for seed in SEEDS:
        site = write_site(tmp_path_factory.mktemp(f"seed-{seed}"), seed)
        found.append((site, json.loads(make_plan(load(site)).to_json())))
    return found


def noticed(site: Path, plan: Json) -> list[str]:
    return differences(site, json.dumps(plan).encode())


def other(value: object) -> object:
    """A value of the same kind that says something else, by far more than rounding."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return f"{value}x"


def scalars(thing: Json | list[Any]) -> Iterator[str | int]:
    pairs = enumerate(thing) if isinstance(thing, list) else thing.items()
    yield from (key for key, value in pairs if isinstance(value, str | int | float))


def one_of_each(cases: list[Case], kind: str, random: Random) -> Iterator[tuple[Path, Json, Any]]:
    """Copies of three plans that have such a thing, and the thing in each."""
    having = [case for case in cases if LISTS[kind](case[1])]
    assert len(having) >= 3, f"too few sites with a {kind}"
    for site, plan in random.sample(having, 3):
        changed = copy.deepcopy(plan)
        yield site, changed, random.choice(LISTS[kind](changed))


@pytest.mark.parametrize("kind", LISTS)
def test_every_field_of_every_thing_is_held_against_the_files(cases: list[Case], kind: str) -> None:
    random, missed, seen = Random(kind), set(), set()
    for site, plan, thing in one_of_each(cases, kind, random):
        for key in list(scalars(thing)):
            before, thing[key] = thing[key], other(thing[key])
            seen.add(f"{kind}.{key}")
            try:
                silent = not noticed(site, plan)
            except (KeyError, IndexError):
                silent = False  # a name that leads nowhere stops the comparison
            if silent:
                missed.add(f"{kind}.{key}")
            thing[key] = before
    assert missed == NOT_DERIVED & seen


@pytest.mark.parametrize("kind", [it for it in LISTS if it not in ("host", "identity", "item")])
def test_a_thing_less_and_a_thing_twice_are_noticed(cases: list[Case], kind: str) -> None:
    random = Random(kind)
    for site, plan, thing in one_of_each(cases, kind, random):
        for holder in [it for it in _lists(plan) if any(one is thing for one in it)]:
            at = next(number for number, one in enumerate(holder) if one is thing)
            holder.insert(at, copy.deepcopy(thing))
            assert noticed(site, plan), f"a {kind} twice"
            del holder[at : at + 2]
            assert noticed(site, plan), f"a {kind} less"


def _lists(value: object) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for it in below:
        yield from _lists(it)


def test_two_cables_that_exchange_their_ends_are_noticed(cases: list[Case]) -> None:
    """Counts stay what they were, no port is taken twice, and still it is another fabric."""
    random, tried = Random(1), 0
    for site, plan in cases:
        cables = plan["fabric"]["cables"]
        for layer in ("node-leaf", "leaf-spine", "spine-core", "oob"):
            rows = [row for row in cables if row[2] == layer]
            if len(rows) < 2:
                continue
            tried += 1
            one, two = random.sample(rows, 2)
            for at in (6, 7, 8):
                one[at], two[at] = two[at], one[at]
            assert noticed(site, plan), f"{layer} of {site}"
            for at in (6, 7, 8):
                one[at], two[at] = two[at], one[at]
        assert not noticed(site, plan)
    assert tried > len(cases)


def test_two_machines_that_exchange_their_places_are_noticed(cases: list[Case]) -> None:
    for site, plan in cases:
        changed = copy.deepcopy(plan)
        nodes = changed["metal"]["nodes"]
        if len(nodes) < 2:
            continue
        one, two = nodes[0], nodes[-1]
        for key in ("rack", "unit"):
            one[key], two[key] = two[key], one[key]
        assert noticed(site, changed)
