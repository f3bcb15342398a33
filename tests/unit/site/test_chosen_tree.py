"""What a network's sheet says about its tree, and what is chosen where it leaves it open."""

from __future__ import annotations

import pytest

from bloomery.site.fabric.chosen import tree_of
from bloomery.site.fabric.sheet import Network
from bloomery.site.fabric.tree import TreeError


def network(**keys: object) -> Network:
    """Eight machines of eight ports."""
    sheet = {"kind": "infiniband", "switch": "qm9700", "speed_gbps": 400, "pools": {"train": 1}}
    return Network.model_validate({**sheet, "su": 1, "nodes_per_su": 8, "rails": 8, **keys})


@pytest.mark.parametrize(
    ("keys", "tiers", "rails_per_leaf", "switches"),
    [
        ({}, 2, 1, 12),
        ({"tiers": 2}, 2, 1, 12),
        ({"rails_per_leaf": 2}, 2, 2, 5),
        ({"rails_per_leaf": 4, "tiers": "auto"}, 1, 4, 2),
        ({"tiers": 1}, 1, 8, 1),
        ({"tiers": "auto"}, 1, 8, 1),
        ({"tiers": "auto", "su_max": 2}, 2, 4, 6),
        ({"tiers": 3}, 3, 1, 72),
    ],
)
def test_keys_choose(
    keys: dict[str, object], tiers: int, rails_per_leaf: int, switches: int
) -> None:
    found = tree_of(network(**keys), 64)
    assert (found.tiers, found.rails_per_leaf, found.switches) == (tiers, rails_per_leaf, switches)


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"tiers": 1, "rails_per_leaf": 2}, "tiers"),
        ({"tiers": 1, "nodes_per_su": 9}, "tiers"),
        ({"tiers": "auto", "nodes_per_su": 33}, "nodes_per_su"),
        ({"tiers": 2, "su_max": 9}, "tiers"),
        ({"rails_per_leaf": 3}, "rails_per_leaf"),
        ({"rails_per_leaf": 8}, "rails_per_leaf"),
    ],
)
def test_a_fault_names_the_key(keys: dict[str, object], key: str) -> None:
    with pytest.raises(TreeError) as caught:
        tree_of(network(**keys), 64)
    assert caught.value.key == key
