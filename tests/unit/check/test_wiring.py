"""Cables seen against cables planned: 1,000 random miswirings, each named with its ports."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from bloomery.check.observed.cable_list import parse_cables
from bloomery.check.observed.seen import End, Observed, Seen
from bloomery.check.wiring import Comparison, compare
from bloomery.errors import FaultsError
from bloomery.plan import Plan
from bloomery.report.files.cables import cables_csv

Ends = list[tuple[End, End]]


def ends(plan: Plan) -> Ends:
    return [(End(c.a_device, c.a_port), End(c.b_device, c.b_port)) for c in plan.fabric.cables]


def seen(links: Ends) -> Observed:
    return Observed(tuple(Seen(a, b, line) for line, (a, b) in enumerate(links, 2)))


def named(found: Comparison) -> set[tuple[str, frozenset[End], frozenset[End]]]:
    return {
        (f.kind, frozenset(sum(f.planned, ())), frozenset(sum(f.seen, ()))) for f in found.findings
    }


def swap(links: Ends, chance: random.Random) -> tuple[str, list[End], list[End]]:
    """Two cables exchange their higher ends."""
    one, two = chance.sample(range(len(links)), 2)
    (a, b), (c, d) = links[one], links[two]
    links[one], links[two] = (a, d), (c, b)
    return "swapped", [a, b, c, d], [a, b, c, d]


def unplug(links: Ends, chance: random.Random) -> tuple[str, list[End], list[End]]:
    a, b = links.pop(chance.randrange(len(links)))
    return "missing", [a, b], []


def add(links: Ends, chance: random.Random) -> tuple[str, list[End], list[End]]:
    """A cable between two ports the plan leaves empty."""
    spare = [End(f"spare-{chance.randrange(10**6)}", port) for port in ("p01/1", "p01/2")]
    links.insert(chance.randrange(len(links)), (spare[0], spare[1]))
    return "extra", [], spare


def move(links: Ends, chance: random.Random) -> tuple[str, list[End], list[End]]:
    """One end goes to a port the plan leaves empty."""
    at = chance.randrange(len(links))
    a, b = links[at]
    spare = End(f"spare-{chance.randrange(10**6)}", "p09/1")
    links[at] = (a, spare) if chance.random() < 0.5 else (spare, b)
    return "miswired", [a, b], list(links[at])


WAYS: tuple[Callable[[Ends, random.Random], tuple[str, list[End], list[End]]], ...] = (
    swap,
    unplug,
    add,
    move,
)


def test_1000_random_miswirings_are_named_with_both_ports(one_su: Plan) -> None:
    chance = random.Random(20261121)
    kinds = set()
    for _ in range(1000):
        cables = tuple(chance.sample(one_su.fabric.cables, 64))
        plan = replace(one_su, fabric=replace(one_su.fabric, cables=cables))
        links = ends(plan)
        kind, planned, wired = chance.choice(WAYS)(links, chance)
        found = compare(plan, seen(links))
        assert named(found) == {(kind, frozenset(planned), frozenset(wired))}
        kinds.add(kind)
    assert kinds == {"swapped", "missing", "extra", "miswired"}


def test_many_at_once(one_su: Plan) -> None:
    """Fifty disjoint miswirings in one list are fifty findings."""
    chance = random.Random(7)
    links = ends(one_su)
    chance.shuffle(links)
    wanted = set()
    for at in range(0, 100, 2):
        (a, b), (c, d) = links[at], links[at + 1]
        links[at], links[at + 1] = (a, d), (c, b)
        wanted.add(("swapped", frozenset((a, b, c, d)), frozenset((a, b, c, d))))
    found = compare(one_su, seen(links))
    assert named(found) == wanted
    assert found.right == found.planned - 100


def test_three_in_a_ring_name_every_port(one_su: Plan) -> None:
    links = ends(one_su)
    (a, b), (c, d), (e, f) = links[:3]
    links[:3] = [(a, d), (c, f), (e, b)]
    found = compare(one_su, seen(links)).findings
    assert [finding.kind for finding in found] == ["miswired"] * 3
    assert {finding.seen for finding in found} == {(link,) for link in links[:3]}
    for finding in found:
        assert set(sum(finding.seen, ())) <= set(sum(finding.planned, ()))


def test_nothing_is_wrong_where_nothing_is(one_su: Plan) -> None:
    """Either end first, upper case, twice, by number: the same cable."""
    links = [(b, a) for a, b in ends(one_su)]
    assert not compare(one_su, seen(links)).findings
    numbers = [
        (End(c.a_device.upper(), str(c.a_index)), End(c.b_device, f"P{c.b_index}"))
        for c in one_su.fabric.cables
    ]
    found = compare(one_su, seen(numbers + ends(one_su)))
    assert not found.findings
    assert found.right == found.planned == 512


def test_the_plans_own_cable_list_is_as_planned(one_su: Plan) -> None:
    cables = parse_cables("cables.csv", cables_csv(one_su).decode())
    assert compare(one_su, cables).right == len(one_su.fabric.cables)


def test_a_number_two_ports_have_is_that_of_the_far_ends_network(one_su: Plan) -> None:
    """Port 1 of two networks on one machine: by the network of the far end, else as it was seen."""
    first = one_su.fabric.cables[0]
    second = first._replace(id="x", network="storage", a_port="eth1", b_device="st-1")
    plan = replace(one_su, fabric=replace(one_su.fabric, cables=(first, second)))
    one = seen([(End(first.a_device, "1"), End(first.b_device, first.b_port))])
    assert not compare(plan, one).findings
    assert not compare(plan, one, network="compute").findings
    nowhere = seen([(End(first.a_device, "1"), End("spare-1", "1"))])
    assert compare(plan, nowhere).findings[0].seen[0][0] == End(first.a_device, "1")


def test_of_one_network_the_cables_of_the_others_are_not_extra(one_su: Plan) -> None:
    """A list of everything that was seen may be held against one network."""
    first = one_su.fabric.cables[0]
    second = first._replace(id="x", network="storage", a_port="sto1", b_device="st-1")
    plan = replace(one_su, fabric=replace(one_su.fabric, cables=(first, second)))
    both = parse_cables("cables.csv", cables_csv(plan).decode())
    assert not compare(plan, both, network="compute").findings
    crossed = seen([(End(first.a_device, first.a_port), End("st-1", first.b_port))])
    assert [f.kind for f in compare(plan, crossed, network="compute").findings] == ["miswired"]


def test_dark_cables_may_be_missing(one_su: Plan) -> None:
    dark = tuple(cable._replace(dark=True) for cable in one_su.fabric.cables)
    plan = replace(one_su, fabric=replace(one_su.fabric, cables=dark))
    one = seen([next(iter(ends(plan)))])
    assert compare(plan, one).findings == ()
    assert len(compare(one_su, one).findings) == 511


def test_a_network_of_which_nothing_was_seen_is_not_observed(one_su: Plan) -> None:
    """Nothing of it is missing; with one cable of it seen, all others are."""
    first = one_su.fabric.cables[0]
    others = [
        first._replace(
            id=f"x{n}", network="storage", a_port=f"sto{n}", b_device="st-1", b_port=f"p0{n}"
        )
        for n in (1, 2)
    ]
    cables = (*one_su.fabric.cables, *others)
    plan = replace(one_su, fabric=replace(one_su.fabric, cables=cables))
    found = compare(plan, seen(ends(one_su)))
    assert not found.findings
    assert [(it.network, it.cables, it.planned, it.right) for it in found.networks] == [
        ("compute", 512, 512, 512),
        ("storage", 2, 0, 0),
    ]
    found = compare(plan, seen([*ends(one_su), ends(plan)[-1]]))
    assert [(it.kind, it.network) for it in found.findings] == [("missing", "storage")]


def test_a_cable_between_two_networks_makes_neither_observed(one_su: Plan) -> None:
    first = one_su.fabric.cables[0]
    second = first._replace(id="x", network="storage", a_port="sto1", b_device="st-1")
    plan = replace(one_su, fabric=replace(one_su.fabric, cables=(first, second)))
    crossed = seen([(End(first.a_device, first.a_port), End("st-1", first.b_port))])
    found = compare(plan, crossed)
    assert [it.kind for it in found.findings] == ["miswired"] and found.planned == 0


def test_of_a_devices_own_neighbours_nothing_elsewhere_is_missing(one_su: Plan) -> None:
    leaf = one_su.fabric.cables[0].b_device
    mine = [link for link in ends(one_su) if leaf in (link[0].device, link[1].device)]
    links = tuple(Seen(a, b, 1, by=leaf) for a, b in mine[1:])
    found = compare(one_su, Observed(links, frozenset({leaf})))
    assert [finding.planned for finding in found.findings] == [(mine[0],)]
    assert found.planned == len(mine) == 64 and found.networks[0].cables == 512


BAD = {
    "": ["w.csv:0 (file): empty; the first line names the columns: "
         "a_device, a_port, b_device, b_port"],
    "a_device,a_port\n": [
        "w.csv:1 b_device: column is missing; found: a_device, a_port",
        "w.csv:1 b_port: column is missing; found: a_device, a_port",
    ],
    "a_device,a_port,b_device,b_port,a_port\n": [
        "w.csv:1 a_port: column is there more than once"
    ],
    "a_device,a_port,b_device,b_port\nx,1,y\nx,,y,\nx,1,x,1\n\nx,1,y,2\nz,1,y,2\n": [
        "w.csv:2 (row): 3 values, the header has 4 columns",
        "w.csv:3 a_port: empty; give the device and port that were observed",
        "w.csv:3 b_port: empty; give the device and port that were observed",
        "w.csv:4 b_port: x 1 is given for both ends",
        "w.csv:7 b_port: y 2 is connected to z 1, but to x 1 on line 6; "
        "one cable per port: see which of the two lines is old",
    ],
}  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_bad_lists_tell_every_fault(text: str) -> None:
    with pytest.raises(FaultsError) as caught:
        parse_cables("w.csv", text)
    assert [str(fault) for fault in caught.value.faults] == BAD[text]


def test_a_cable_listed_from_both_ends_is_one() -> None:
    text = "b_port,b_device,a_port,a_device,speed\n1,y,2,x,400\n2,x,1,y,400\n"
    (cable,) = parse_cables("w.csv", text).links
    assert cable[:3] == (End("x", "2"), End("y", "1"), 2)
