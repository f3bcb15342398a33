"""Where the pools of a random site stand in a network, and how many of its rails they have."""

from __future__ import annotations

from itertools import product

from site_draft import Draft


def say_homes(draft: Draft, network: dict[str, object], reserved: int) -> bool:
    """Write pools whose machines all find a place of their own in the tree ``network``, and rails
    of those that have fewer; whether there are any."""
    slots, units = int(str(network["nodes_per_su"])), int(str(network["su"]))
    taken: set[int] = set()
    # The last row of unit 1 belongs to the managers wherever slots reach so far.
    kept = {slots} if reserved else set()
    found: dict[str, int] = {}
    begins: dict[str, int] = {}
    for pool in draft.pools:
        numbers = [int(str(it["name"])[-3:]) for it in draft.rows if it["pool"] == pool]
        shifts = range(slots) if draft.chance(5) else (0,)
        for first, shift in product(range(1, units + 1), shifts):
            places = {(first - 1) * slots + shift + number for number in numbers}
            if places and max(places) <= units * slots and not places & (taken | kept):
                found[pool] = first
                if shift:
                    begins[pool] = shift + 1
                taken |= places
                break
    network["pools"] = found
    if begins:
        network["pool_places"] = begins
    rails = int(str(network["rails"]))
    if rails > 1 and draft.chance(5):
        narrow = [pool for pool in found if draft.chance(6)]
        network["pool_rails"] = {pool: draft.random.randint(1, rails) for pool in narrow}
    return bool(found)
