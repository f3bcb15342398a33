"""The page of a plan: what is drawn together is still all there, and 64 units stay readable."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser import open_page

from bloomery.check import unjudged
from bloomery.plan import Plan, make_plan
from bloomery.report.groups import groupings
from bloomery.report.sketch import page
from bloomery.report.sketch.coolant import loops
from bloomery.report.sketch.network import drawings
from bloomery.report.sketch.power import power_tree
from bloomery.report.sketch.racks import floor
from bloomery.site import load

INVENTORIES = Path(__file__).parents[3] / "inventories"

DRAWN = {"rect", "line", "path", "text"}
"""Elements a browser has to lay out and paint."""


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.count: Counter[str] = Counter()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] += 1
        self.links += [v for k, v in attrs if k in ("src", "href", "xlink:href") and v]


def test_64_units_are_a_small_page_that_loads_nothing(many_su: Plan) -> None:
    html = page(many_su)
    tags = Tags()
    tags.feed(html)
    assert len(html) < 1_000_000
    assert sum(tags.count[tag] for tag in DRAWN) < 3_000
    assert tags.count["script"] == 0
    assert all(link.startswith("#") or link == "data:," for link in tags.links)
    assert "url(" not in html.replace("url(#", "")


def test_every_link_leads_somewhere(one_su: Plan) -> None:
    html = page(one_su)
    ids = set(re.findall(r' id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= ids


def test_rows_of_the_floor_stand_as_they_are_numbered() -> None:
    drawn = [row.title for row in floor(make_plan(load(INVENTORIES / "example-su64"))).rows]
    assert drawn == [f"row-{number}" for number in range(1, 19)]


@pytest.mark.parametrize("size", ["one_su", "many_su"])
def test_every_rack_is_drawn_or_counted(size: str, request: pytest.FixtureRequest) -> None:
    plan: Plan = request.getfixturevalue(size)
    ground = floor(plan)
    counted = [name for layout in ground.layouts for name in layout.racks]
    assert sorted(counted) == sorted(rack.name for rack in plan.metal.racks)
    squares = [square.rack.name for row in ground.rows for square in row.squares]
    assert sorted(squares) == sorted(counted)
    first = {rack.name: rack for rack in plan.metal.racks}
    for layout in ground.layouts:
        assert sum(run.items for run in layout.runs) == len(first[layout.racks[0]].items)


def test_a_rack_above_its_limit_is_marked(one_su: Plan) -> None:
    rack = replace(one_su.metal.racks[0], power_kw=99.0)
    plan = replace(one_su, metal=replace(one_su.metal, racks=(rack, *one_su.metal.racks[1:])))
    shades = {s.rack.name: s.shade for row in floor(plan).rows for s in row.squares}
    assert shades["r0001"] == "too-much"
    assert list(shades.values()).count("too-much") == 1


@pytest.mark.parametrize("size", ["one_su", "many_su"])
def test_bundles_hold_every_cable_and_lines_every_bundle(
    size: str, request: pytest.FixtureRequest
) -> None:
    plan: Plan = request.getfixturevalue(size)
    (grouping,) = groupings(plan)
    assert sum(bundle.cables for bundle in grouping.bundles) == len(plan.fabric.cables)
    devices = [name for block in grouping.blocks for name in block.devices]
    assert len(devices) == len(set(devices)) == len(plan.metal.nodes) + len(plan.fabric.switches)
    (drawing,) = drawings(plan)
    assert len(drawing.lines) <= 100
    assert drawing.width <= 1200
    for one, two in zip(drawing.boxes, drawing.boxes[1:], strict=False):
        apart = one.x + one.width <= two.x or two.x + two.width <= one.x
        assert apart or one.y + one.height <= two.y or two.y + two.height <= one.y


def test_power_tree_counts_every_source(many_su: Plan) -> None:
    tree = power_tree(many_su)
    titles = [box.title for box in tree.boxes]
    assert titles.count("18 × busway") == 2
    assert len(tree.wires) == len(tree.boxes) - 1
    worst = max(s.worst_kw for s in many_su.metal.sources if s.kind == "busway")
    assert sum(f"{worst:,.0f} of 2,400 kW" == box.load for box in tree.boxes) == 2


def test_alike_loops_are_one_drawing(many_su: Plan) -> None:
    (drawn,) = loops(many_su)
    assert len(drawn.names) == len(many_su.cooling.loops) == 16
    assert [group.title for group in drawn.groups] == ["32 racks"]
    # 32 racks of 44.8 kW on three CDUs of 1,000 kW, one of them to spare.
    assert drawn.share == pytest.approx(32 * 44.8 / 2000)


def test_a_small_fabric_says_what_a_larger_one_costs() -> None:
    """And joins two leaves from edge to edge."""
    plan = make_plan(load(INVENTORIES / "example-municipal"))
    assert "Growth: 1 switch for 4 machines; machine 5 re-cables." in page(plan)
    (pair,) = [it for it in drawings(plan) if it.network == "storage"]
    (line,) = [it for it in pair.lines if it.y1 == it.y2]
    left, right = sorted((it for it in pair.boxes if it.tier == "spine"), key=lambda it: it.x)
    assert (line.x1, line.x2, line.label) == (left.x + left.width, right.x, "6")
    assert left.y < line.y1 < left.y + left.height


def test_names_from_a_site_cannot_write_the_page(one_su: Plan) -> None:
    facts = replace(one_su.site, name="<script>alert(1)</script>")
    assert "<script" not in page(replace(one_su, site=facts))


@pytest.mark.parametrize(
    "name", ["lab", "example-gb300", "example-municipal", "example-su1", "example-su64", "one_su"]
)
def test_nothing_on_the_console(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if (INVENTORIES / name).is_dir():
        plan = make_plan(load(INVENTORIES / name))
    else:
        plan = request.getfixturevalue(name)
    file = tmp_path / "index.html"
    file.write_text(page(plan), encoding="utf-8")
    opened = open_page(file, tmp_path / "profile")
    assert opened.console == ()
    assert f"<h1>{plan.site.name}</h1>" in opened.dom
    for rack in plan.metal.racks:
        assert f'id="rack-{rack.name}"' in opened.dom


def test_no_rule_holds_that_nobody_asked(one_su: Plan) -> None:
    asked, not_asked = page(one_su, ()), page(one_su)
    assert "<td>pass</td>" in asked
    assert unjudged(one_su), "a site with all there is would show nothing"
    for precondition in unjudged(one_su):
        assert f"not applicable: no {precondition.what}" in asked
    assert "<td>pass</td>" not in not_asked
    assert "0 of 79 rules pass" in not_asked


def test_parts_of_a_rack_have_a_colour_and_a_name_of_their_own(one_su: Plan) -> None:
    """In drawing, legend and table; a site that has none has no legend of them."""
    plan = make_plan(load(INVENTORIES / "example-whole"))
    html = page(plan)
    kinds = Counter(re.findall(r'class="box (\w+)"', html))
    assert (kinds["nvlink"], kinds["shelf"]) == (72, 64)
    for kind, words in (("nvlink", "NVLink switch tray"), ("shelf", "power shelf")):
        assert re.search(rf"\.{kind} {{ fill: var\(--tint-{kind}\)", html)
        assert html.count(f"--tint-{kind}: #") == 2, "one colour by day, one by night"
        assert f'<span class="key k-{kind}"></span>{words}</li>' in html
        assert f"k-{kind}" not in re.sub(r"<style>.*?</style>", "", page(one_su), flags=re.S)
    assert (
        "9 NVLink switch trays: r01-nvlink-1 to r01-nvlink-9; 8 power shelves: r01-shelf-1" in html
    )


def test_a_network_says_which_machines_have_fewer_rails(one_su: Plan) -> None:
    plan = make_plan(load(INVENTORIES.parent / "tests" / "golden" / "mixed-rails"))
    html = page(plan)
    assert ", 8 rails (serve 4), 400 Gb/s;" in html
    assert ", 2 rails (mgmt 1, serve 1), 100 Gb/s;" in html
    assert ", 8 rails, 400 Gb/s;" in page(one_su)
