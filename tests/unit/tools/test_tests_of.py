"""The tests of a source file are found by what imports it, read from the text alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests_of.imports import read
from tests_of.nearest import nearest

ROOT = Path(__file__).parents[3]
SOURCE = Path("components/bloomery/plan/power.py")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one module of the plan, and nothing that imports it."""
    for folder in ("components/bloomery/plan", "tools", "stacks", "tests/unit/plan"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("__init__.py", "plan/__init__.py", "plan/power.py"):
        (tmp_path / "components/bloomery" / name).write_text("")
    return tmp_path


def found(checkout: Path) -> list[tuple[str, int]]:
    return [(near.test.name, near.imports) for near in nearest(read(checkout), SOURCE)]


@pytest.mark.parametrize(
    "text",
    [
        "import bloomery.plan.power\n",
        "from bloomery.plan import power\n",
        "from bloomery.plan.power import kw\n",
        "def f():\n    from bloomery.plan.power import kw\n",
        "COMMAND = ['python', '-m', 'bloomery.plan.power']\n",
        "def f(name):\n    return import_module(f'bloomery.plan.{name}')\n",
    ],
)
def test_a_test_that_names_the_module_imports_it(checkout: Path, text: str) -> None:
    (checkout / "tests/unit/plan/test_loads.py").write_text(text)
    assert found(checkout) == [("test_loads.py", 1)]


@pytest.mark.parametrize(
    "text", ["import bloomery.site\n", "# bloomery.plan.power\n", "power = 1\n"]
)
def test_a_test_that_names_something_else_does_not(checkout: Path, text: str) -> None:
    (checkout / "tests/unit/plan/test_loads.py").write_text(text)
    assert found(checkout) == []


def test_what_fixtures_and_other_files_of_a_test_import_is_imported_by_the_test(
    checkout: Path,
) -> None:
    folder = checkout / "tests/unit/plan"
    (folder / "test_loads.py").write_text("")
    (folder / "conftest.py").write_text("import trees\n")
    (folder.parent / "trees.py").write_text("from bloomery.plan import power\n")
    assert found(checkout) == [("test_loads.py", 1)]


def test_the_nearest_come_first_and_of_those_the_one_of_its_name(checkout: Path) -> None:
    plan, tests = checkout / "components/bloomery/plan", checkout / "tests/unit/plan"
    (plan / "make.py").write_text("from bloomery.plan.power import kw\n")
    (tests / "test_a_far.py").write_text("from bloomery.plan.make import make\n")
    assert found(checkout) == [("test_a_far.py", 2)]
    for name in ("test_b_near.py", "test_power_near.py"):
        (tests / name).write_text("from bloomery.plan.power import kw\n")
    assert found(checkout) == [("test_power_near.py", 1), ("test_b_near.py", 1)]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "tools" / "tests-of"), *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_the_command_prints_tests_and_refuses_what_is_no_source() -> None:
    ended = run("tools/tests_of/imports.py")
    assert ended.returncode == 0
    assert "tests/unit/tools/test_tests_of.py  (imports it)" in ended.stdout.splitlines()
    refused = run("components/bloomery/nothing.py")
    assert refused.returncode == 2 and "no Python file" in refused.stderr
