"""A site goes in; its plan, its notes and its table come out as they stand in the files.

Every folder here is a case. A folder without ``site.yaml`` takes the inventory of the
same name. A plan that a person can read stands in ``plan.json`` whole; of a larger one
``totals.txt`` tells sums and parts, and ``digest.txt`` holds the rest.
``BLOOMERY_REWRITE=1 pytest tests/golden`` writes what comes out; the diff is for a person
to read before it is committed.
"""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from types import ModuleType

import pytest
from explain import explain
from summary import summary
from typer.testing import CliRunner

from bloomery.check import review
from bloomery.cli.notes import WIDTH
from bloomery.plan import Plan, make_plan
from bloomery.report.files import files
from bloomery.site import SITE_FILE, load

HERE = Path(__file__).parent
INVENTORIES = HERE.parents[1] / "inventories"
REWRITE = os.environ.get("BLOOMERY_REWRITE") == "1"
CASES = sorted(
    entry.name
    for entry in HERE.iterdir()
    if (entry / "digest.txt").exists() or (entry / SITE_FILE).exists()
)

WHOLE_LINES = 700
"""A plan of more lines is read by nobody line by line, so its totals are kept. The same number is
the budget of every file here (tests/rooms)."""


def compare(file: Path, text: str) -> None:
    if REWRITE:
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text, f"{file} differs; see {__file__}"


def site_of(case: str) -> Path:
    own = HERE / case
    return own if (own / SITE_FILE).exists() else INVENTORIES / case


def plan_of(case: str) -> Plan:
    return make_plan(load(site_of(case)))


def test_there_are_cases() -> None:
    assert {"lab", "example-64"} <= set(CASES)


@pytest.mark.parametrize("case", CASES)
def test_plan(case: str) -> None:
    """Whole where it can be read, else its totals; never both, for one would grow stale."""
    plan = plan_of(case)
    text = readable(plan)
    kept, other = HERE / case / "plan.json", HERE / case / "totals.txt"
    if not is_whole(text):
        text, kept, other = summary(plan), other, kept
    if REWRITE:
        other.unlink(missing_ok=True)
    assert not other.exists(), f"{other} is of no use beside {kept.name}; see {__file__}"
    compare(kept, text)


def readable(plan: Plan) -> str:
    """Indented, so that a diff can be read; the plan's own bytes are one line.

    Cables are counted only: the digest holds them, and ``cables.csv`` of one case shows them.
    """
    document = json.loads(plan.to_json())
    if cables := document["fabric"]["cables"]:
        document["fabric"]["cables"] = f"{len(cables)} cables"
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def is_whole(text: str) -> bool:
    return text.count("\n") <= WHOLE_LINES


def test_both_kinds_of_cases_are_there() -> None:
    assert is_whole(readable(plan_of("projects")))
    assert not is_whole(readable(plan_of("example-64")))


@pytest.mark.parametrize("case", CASES)
def test_digest(case: str, tmp_path: Path) -> None:
    """The bytes themselves, by their digest: a reader of old records relies on them."""
    plan, file = plan_of(case), HERE / case / "digest.txt"
    if not REWRITE and (kept := file.read_text().strip()) != plan.digest:
        pytest.fail(explain(case, kept, plan, tmp_path), pytrace=False)
    compare(file, plan.digest + "\n")


@pytest.mark.parametrize("case", CASES)
def test_notes(case: str) -> None:
    compare(HERE / case / "notes.txt", "".join(f"{note}\n" for note in review(plan_of(case))))


@pytest.mark.parametrize("case", CASES)
def test_table(case: str) -> None:
    result = CliRunner().invoke(command(), [str(site_of(case))])
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert max(map(len, lines)) <= WIDTH
    compare(HERE / case / "table.txt", "\n".join(lines) + "\n")


FILES = sorted(path for path in HERE.glob("*/files/**/*") if path.is_file())


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(HERE)))
def test_file(file: Path) -> None:
    """Files of a plan that are small enough to be read: what lies in ``<case>/files``."""
    case, _, name = str(file.relative_to(HERE)).partition("/files/")
    compare(file, files(plan_of(case))[name].decode())


def command() -> object:
    import typer

    from bloomery.cli.plan import plan

    app = typer.Typer()
    app.command()(plan)
    return app


RECIPES = sorted(
    file.stem for file in HERE.glob("*.py") if "\ndef machines_csv() " in file.read_text()
)


def test_there_are_recipes() -> None:
    assert {"example_su64", "four_units"} <= set(RECIPES)


@pytest.mark.parametrize("name", RECIPES)
def test_examples_are_made_not_typed(name: str) -> None:
    site = site_of(name.replace("_", "-"))
    compare(site / "machines.csv", recipe(name).machines_csv())


def recipe(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
