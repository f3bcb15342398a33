"""What always holds of a plan: the same bytes, and nothing moves when a site grows."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bloomery.check import errors, review
from bloomery.plan import make_plan
from bloomery.site import Site

ROOT = Path(__file__).parents[3]

PLACES = [(rack, unit) for rack in range(1, 6) for unit in range(1, 9)]
"""Five racks of eight one-unit places."""

POOLS = {"mgmt": "management", "train": "training", "serve": "serving", "more": "training"}

Row = dict[str, object]


def row(place: tuple[int, int], pool: str) -> Row:
    """The machine that would stand at ``place``: who it is follows from where it was built."""
    rack, unit = place
    number = rack * 100 + unit
    return {
        "name": f"{pool}-{number:03}",
        "pool": pool,
        "rack": f"r{rack:02}",
        "unit": unit,
        "bmc_mac": f"02:00:00:00:{rack:02x}:{unit:02x}",
        "bmc_address": f"10.1.{rack}.{unit}",
        "bmc_cert_sha256": "",
        "chassis_serial": f"SN-{number}",
        "system_uuid": str(uuid.UUID(int=2**100 + number)),
    }


def site(rows: Sequence[Row], racks: Sequence[int], pools: Sequence[str]) -> Site:
    return Site.model_validate(
        {
            "site": "grow",
            "country": "UA",
            "location": "UA-lviv",
            "lab": True,
            "release": "lab-2026.11",
            "networks": {
                "oob": {"cidr": "10.1.0.0/16", "controller": "10.1.0.1"},
                "provisioning": {"cidr": "10.2.0.0/16", "gateway": "10.2.0.1"},
            },
            "depot": {"url": "http://10.2.0.1:8480"},
            "racks": [{"name": f"r{rack:02}", "units": 8, "power_kw": 10} for rack in racks],
            "pools": [
                {"name": pool, "model": "lab-ghost", "purpose": POOLS[pool]} for pool in pools
            ],
            "cluster": {"runs": ["base"]} if any(it["pool"] == "mgmt" for it in rows) else None,
            "machines": rows,
        }
    )


@st.composite
def rows(draw: st.DrawFn, min_size: int = 1) -> list[Row]:
    places = draw(st.lists(st.sampled_from(PLACES), min_size=min_size, max_size=12, unique=True))
    return [row(place, draw(st.sampled_from(sorted(POOLS)))) for place in places]


def needed(found: Sequence[Row]) -> tuple[list[int], list[str]]:
    """Racks and pools a site must have for these rows."""
    racks = sorted({int(str(it["rack"])[1:]) for it in found})
    return racks, sorted({str(it["pool"]) for it in found})


@given(rows(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_same_site_same_bytes_in_any_order(found: list[Row], random: st.DataObject) -> None:
    """The order of rows, racks and pools in the files means nothing."""
    racks, pools = needed(found)
    first = make_plan(site(found, racks, pools)).to_json()
    for listed in (found, racks, pools):
        random.shuffle(listed)  # type: ignore[attr-defined]
    assert make_plan(site(found, racks, pools)).to_json() == first


@given(rows(min_size=2), st.data())
@settings(max_examples=200, deadline=None)
def test_growing_changes_nothing_on_machines_that_were_there(
    found: list[Row], data: st.DataObject
) -> None:
    """Racks, pools and machines are added at any place of any list."""
    kept = data.draw(st.integers(1, len(found) - 1))
    small = make_plan(site(found[:kept], *needed(found[:kept])))
    grown = data.draw(st.permutations(found))
    racks, pools = needed(found)
    more_racks = [*racks, *(rack for rack in range(1, 10) if rack not in racks)]
    big = make_plan(site(grown, data.draw(st.permutations(more_racks)), pools))
    for node in small.metal.nodes:
        assert big.node(node.name) == node
    limits = {rack.name: (rack.units, rack.power_limit_kw) for rack in big.metal.racks}
    for rack in small.metal.racks:
        assert limits[rack.name] == (rack.units, rack.power_limit_kw)


def in_hall(plain: Site, *, numbers: bool) -> dict[str, object]:
    """The same site with names of a hall, the same digits in two rows: r01 is A01, r02 is B01."""
    names = {f"r{at:02}": f"{'AB'[at % 2 - 1]}{(at + 1) // 2:02}" for at in range(1, 10)}
    racks = [
        rack.model_copy(
            update={"name": names[rack.name], "number": int(rack.name[1:]) if numbers else None}
        )
        for rack in plain.racks
    ]
    machines = [
        it.model_copy(update={"name": f"{it.name}.hall1.ua", "rack": names[it.rack]})
        for it in plain.machines
    ]
    return {**dict(plain), "racks": tuple(racks), "machines": tuple(machines)}


@given(rows(min_size=2), st.booleans(), st.data())
@settings(max_examples=100, deadline=None)
def test_growing_changes_nothing_in_a_hall(
    found: list[Row], numbers: bool, data: st.DataObject
) -> None:
    """With written numbers racks are added at any place of the list, without at its end."""
    kept = data.draw(st.integers(1, len(found) - 1))
    racks, pools = needed(found[:kept])
    more = [rack for rack in range(1, 10) if rack not in racks]
    listed = data.draw(st.permutations([*racks, *more])) if numbers else [*racks, *more]
    small = in_hall(site(found[:kept], racks, pools), numbers=numbers)
    big = in_hall(site(found, listed, needed(found)[1]), numbers=numbers)
    before = make_plan(Site.model_validate(small, by_name=True))
    after = make_plan(Site.model_validate(big, by_name=True))
    for node in before.metal.nodes:
        assert after.node(node.name) == node
    strides = {rack.name: rack.stride for rack in after.metal.racks}
    assert {rack.name: rack.stride for rack in before.metal.racks}.items() <= strides.items()
    assert len(set(strides.values())) == len(strides)


@given(rows())
@settings(max_examples=100, deadline=None)
def test_what_is_sound_is_not_marked(found: list[Row]) -> None:
    """Machines of their own place, identity and address: no rule may speak up."""
    plan = make_plan(site(found, *needed(found)))
    assert errors(review(plan)) == ()
    hosts = [node.host for node in plan.metal.nodes]
    assert len({host.address for host in hosts}) == len(hosts)
    assert len({host.mac for host in hosts}) == len(hosts)
    # IEEE 802: the second-lowest bit says locally administered, the lowest says group.
    assert {int(host.mac[:2], 16) & 3 for host in hosts} == {2}


def test_bytes_do_not_depend_on_the_interpreter() -> None:
    """Hash seeds change the order of sets; the plan must not know."""
    code = (
        "from bloomery.plan import make_plan; from bloomery.site import load;"
        "import sys; sys.stdout.buffer.write(make_plan(load('inventories/example-64')).to_json())"
    )
    outputs = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "components")}
        command = [sys.executable, "-c", code]
        outputs.add(subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=-1).stdout)
    assert len(outputs) == 1
    assert outputs.pop().endswith(b"}\n")
