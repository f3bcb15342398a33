"""Where a machine stands in a network by its number, and what the network's pools must hold."""

from __future__ import annotations

import ipaddress

import pytest

from bloomery.site.fabric.addressing import (
    CORE_ASNS,
    LEAF_ASNS,
    asns,
    host_block,
    quarter,
    shortages,
)
from bloomery.site.fabric.places import (
    machine_number,
    manager_port,
    place,
    reserved_slots,
    unit_rails,
)
from bloomery.site.fabric.sheet import Addresses, Network
from bloomery.site.fabric.tree import Asked, Tree, tree
from bloomery.site.metal.machine import Machine

POOLS = {"loopbacks": "10.1.0.0/24", "links": "10.2.0.0/20", "hosts": "10.3.0.0/20"}


def network(**changed: object) -> Network:
    """Two rails, three units of 48 machines of the four it may grow to."""
    said = {
        "kind": "ethernet",
        "switch": "sn5600",
        "speed_gbps": "400 Gb/s",
        "pools": {"gb300": 1, "late": 3},
        "su": 3,
        "su_max": 4,
        "nodes_per_su": 48,
        "rails": 2,
        "addresses": {**POOLS, "asn": 4_200_000_000},
    }
    return Network.model_validate({**said, **changed})


def machine(name: str, pool: str = "gb300", number: int | None = None) -> Machine:
    known = {"name": name, "pool": pool, "rack": "A01", "number": number}
    return Machine.model_construct(**known)  # the rest is nothing to a place


def shape(**changed: int) -> Tree:
    return tree(Asked(**{"radix": 128, "rails": 2, "nodes_per_su": 48, "su_max": 4, **changed}))


@pytest.mark.parametrize(
    ("pool", "name", "stands"),
    [
        ("gb300", "gb300-001", (1, 1)),
        ("gb300", "gb300-048", (1, 48)),
        ("gb300", "gb300-049", (2, 1)),
        ("late", "late-001", (3, 1)),
        ("gb300", "head", None),
        ("gb300", "gb300-000", None),
        ("mgmt", "mgmt-01", None),
    ],
)
def test_a_machine_stands_where_its_number_says(
    pool: str, name: str, stands: tuple[int, int] | None
) -> None:
    assert place(network(), machine(name, pool)) == stands


@pytest.mark.parametrize(
    ("name", "column", "number"),
    [
        ("gb300-017", None, 17),
        ("r1-head", None, 0),
        ("gb300-017.hall2", None, 17),
        ("head.hall2", None, 0),
        ("gb300-017", 3, 3),
        ("dh1-a-09-u12", 40, 40),
    ],
)
def test_the_column_says_the_number_else_the_last_digits_of_the_short_name(
    name: str, column: int | None, number: int
) -> None:
    assert machine_number(machine(name, number=column)) == number


@pytest.mark.parametrize(
    ("name", "stands"), [("late-001", (3, 9)), ("late-040", (3, 48)), ("late-041", (4, 1))]
)
def test_a_pool_may_begin_at_any_place_of_its_unit(name: str, stands: tuple[int, int]) -> None:
    assert place(network(pool_places={"late": 9}), machine(name, "late")) == stands


def test_a_unit_has_the_rails_of_the_pools_it_is_for() -> None:
    mixed = network(pool_rails={"late": 1})
    assert unit_rails(mixed, []) == {1: 2, 2: 2, 3: 1}
    two = [machine("late-001", "late"), machine("mgmt-01", "mgmt")]
    assert unit_rails(mixed, two) == {1: 2, 2: 2, 3: 1}
    # 97 of the first pool stands where only the last was meant to.
    assert unit_rails(mixed, [machine("gb300-097")]) == {1: 2, 2: 2, 3: 2}
    assert unit_rails(network(pool_rails={"gb300": 1}), []) == {1: 1, 2: 1, 3: 2}
    alone = network(pools={"late": 2}, pool_rails={"late": 1})
    assert unit_rails(alone, []) == {1: 2, 2: 1, 3: 1}, "a unit below all pools is whole"
    assert unit_rails(network(), [machine("gb300-001")]) == {1: 2, 2: 2, 3: 2}


def test_managers_take_rails_first_then_the_next_port_down() -> None:
    found = [manager_port(network(), shape(), number) for number in range(3)]
    down = shape().down
    assert found == [(1, 1, down), (2, 1, down), (1, 1, down - 1)]
    assert reserved_slots(network(reserved_ports=3), shape()) == {down, down - 1}
    assert reserved_slots(network(), shape()) == frozenset()


def test_a_leaf_has_a_block_of_a_power_of_two() -> None:
    assert host_block(shape(radix=64, nodes_per_su=32)) == 64
    assert host_block(shape(radix=128)) == 128


def test_numbers_of_a_network_reach_to_its_growth_target() -> None:
    taken = asns(network())
    assert (taken.start, len(taken)) == (4_200_000_000, LEAF_ASNS + 4 * 2)
    assert CORE_ASNS < LEAF_ASNS


def test_pools_that_hold_the_growth_target_pass_and_smaller_ones_are_named() -> None:
    def missing(**pools: str) -> list[str]:
        addresses = Addresses.model_validate({**POOLS, **pools, "asn": 4_200_000_000})
        return [key for key, needed, there in shortages(addresses, shape(), 1) if needed > there]

    assert missing() == []
    assert missing(loopbacks="10.1.0.0/28") == ["loopbacks"]
    assert missing(links="10.2.0.0/24", hosts="10.3.0.0/24") == ["links", "hosts"]


def test_tiers_share_the_loopbacks_in_four() -> None:
    assert quarter(ipaddress.IPv4Network(POOLS["loopbacks"])) == 64
