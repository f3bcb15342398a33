"""500 random sites and the shipped ones: what is planned is what a second way comes to."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rederive import differences
from sites import write_site

from bloomery.check import review
from bloomery.plan import Plan, make_plan
from bloomery.plan.model import NetworkPlan
from bloomery.site import load

HERE = Path(__file__).parent
REPO = HERE.parents[1]

SITES = 500

ALLOWED = {"rederive", "elevations", "hall_names", "homes", "site_draft", "yaml"}
"""What the second way may import beside the standard library."""

ESCAPES = {"importlib", "runpy", "subprocess", "ctypes", "imp", "pkgutil"}
"""Ways round an import statement."""

SHIPPED = sorted(
    path.parent
    for folder in ("inventories", "tests/golden")
    for path in (REPO / folder).glob("*/site.yaml")
    if path.parent.name != "overfull"
)
"""Sites of this repository; not the one that has a machine twice on purpose."""


def imported(source: str) -> set[str]:
    """Top packages that ``source`` imports, wherever in it; calls that import count too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add("." if node.level else (node.module or "").partition(".")[0])
        elif isinstance(node, ast.Name) and node.id in ("__import__", "exec", "eval"):
            found.add(node.id)
    return found


@pytest.mark.parametrize(
    "path",
    [
        *sorted((HERE / "rederive").glob("*.py")),
        *(HERE / f"{name}.py" for name in sorted(ALLOWED - {"rederive", "yaml"} | {"sites"})),
    ],
    ids=lambda it: it.name,
)
def test_the_second_way_shares_no_code_with_the_first(path: Path) -> None:
    allowed = (sys.stdlib_module_names - ESCAPES) | ALLOWED
    assert imported(path.read_text(encoding="utf-8")) - allowed == set()


def test_an_import_of_the_planner_is_found_however_it_is_written() -> None:
    assert imported("def f():\n    from bloomery.plan import make_plan\n") == {"bloomery"}
    assert imported("import bloomery.check as c") == {"bloomery"}
    assert imported("__import__('bloomery')") == {"__import__"}
    assert imported("from .. import plan") == {"."}


def shape(plan: Plan) -> set[str]:
    """What this site has, so that a test can tell whether all shapes were drawn."""
    networks = [it for it in plan.fabric.networks if it.name != "oob"]
    return {
        *(f"{it.tiers} tiers" for it in networks),
        *(it.kind for it in networks),
        *("planes" for it in networks if it.planes > 1),
        *("rails" for it in networks if it.rails > 1),
        *("shared leaves" for it in networks if it.rails_per_leaf > 1),
        *("a pair" for it in networks if it.leaf_cables),
        *("mixed rails" for it in networks if len(set(it.pool_rails.values())) > 1),
        *("rails nobody has" for it in networks if it.leaves < full(it)),
        *("oversubscribed" for it in networks if it.oversubscription > 1),
        *("room to grow" for it in networks if it.su_max > it.su),
        *("managers" for it in networks if it.reserved_ports),
        *("oob uplinks" for it in plan.fabric.networks if it.name == "oob" and it.spines),
        *("oob" for it in plan.fabric.networks if it.name == "oob"),
        *(f"{len({it.side for it in plan.metal.circuits})} sides" for _ in [0]),
        *("standby" for it in plan.metal.sources if it.standby),
        *(it.wiring for it in plan.metal.circuits),
        *(it.exchanger for it in plan.cooling.cdus),
        *(f"fluid {it.fluid}" for it in plan.cooling.loops),
        *("halls" for _ in plan.metal.halls[1:]),
        *("tenants" for _ in plan.fabric.tenants),
        *("lengths" for it in plan.fabric.cables[:1] if it.length_m),
        *("trays" for it in plan.metal.models if it.trays),
        *(f"part {it.kind}" for it in plan.metal.parts),
        *("rack numbers" for it in plan.metal.racks if it.number),
        *("capital racks" for it in plan.metal.racks if it.name[0].isupper()),
        *("domains" for it in plan.metal.nodes if "." in it.name),
        *("further columns" for it in plan.metal.nodes if it.further),
        *("lettered rows" for it in plan.metal.racks if len(it.row) == 1),
    }


def full(network: NetworkPlan) -> int:
    """Leaves of a network whose units all have machines of all rails."""
    return network.su * network.planes * network.rails // network.rails_per_leaf


WANTED = {
    *("1 tiers", "shared leaves", "a pair", "mixed rails", "rails nobody has"),
    *("2 tiers", "3 tiers", "infiniband", "ethernet", "planes", "rails", "oversubscribed"),
    *("room to grow", "managers", "oob", "oob uplinks", "0 sides", "1 sides", "2 sides"),
    *("3 sides", "4 sides", "standby", "wye", "delta", "liquid", "air", "fluid water"),
    *("fluid pg25", "halls", "tenants", "lengths", "trays"),
    *("part nvlink", "part shelf", "rack numbers", "capital racks", "domains"),
    *("further columns", "lettered rows"),
}
"""Shapes of which there must be at least a handful among the sites."""

PLANNERS_OWN = {"F1", "F2", "F3", "F4", "F5", "F6", "F9", "F10", "F12"}
"""Rules that no sound site can break: what they find is the planner's fault."""


def test_500_random_sites_are_what_a_second_way_comes_to(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    seeds: set[int] = set()

    @settings(
        max_examples=SITES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**48))
    def holds(seed: int) -> None:
        site = write_site(tmp_path, seed)
        plan = make_plan(load(site))
        assert differences(site, plan.to_json()) == []
        broken = [str(note) for note in review(plan) if note.id in PLANNERS_OWN]
        assert broken == []
        seeds.add(seed)
        seen.update(shape(plan))

    holds()
    assert len(seeds) == SITES
    assert {it for it in WANTED if seen[it] < 5} == set()


@pytest.mark.parametrize("site", SHIPPED, ids=lambda it: f"{it.parent.name}/{it.name}")
def test_shipped_sites_are_what_a_second_way_comes_to(site: Path) -> None:
    assert differences(site, make_plan(load(site)).to_json()) == []
