"""Every file keeps the project rules, and every rule finds what it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import project_rules
import pytest
from checkout import REPO, shown, tracked

PACKAGE = REPO / "components" / "bloomery"
TOOLS = REPO / "tools"
Rule = Callable[[str, str], Iterator[str]]


def findings(rule: Rule, paths: list[Path]) -> list[str]:
    assert paths, "a rule that looks at nothing finds nothing"
    return [found for path in paths for found in rule(shown(path), path.read_text())]


def expect_none(found: list[str]) -> None:
    assert not found, "\n".join(["", *found])


def test_files_and_functions_keep_their_budget() -> None:
    paths = [
        path
        for path in tracked(
            ".py", ".yml", ".yaml", ".sh", ".toml", ".html", ".css", ".js", ".c", ""
        )
        if path.name not in project_rules.GENERATED and "golden" not in path.parts
    ]
    expect_none(findings(project_rules.oversized, paths))


def test_expected_results_can_be_reviewed() -> None:
    folders = [REPO / "tests" / name for name in ("golden", "wrong", "replies")]
    paths = [p for p in tracked() if any(p.is_relative_to(folder) for folder in folders)]
    expect_none(findings(project_rules.unreviewable, paths))


def test_names_say_what_is_in_them() -> None:
    names = [shown(path) for path in tracked()]
    expect_none([found for name in names for found in project_rules.vaguely_named(name)])


def test_public_names_are_documented() -> None:
    paths = [p for p in tracked(".py") if p.is_relative_to(PACKAGE) or p.is_relative_to(TOOLS)]
    expect_none(findings(project_rules.undocumented, paths))


def test_every_package_has_a_charter() -> None:
    paths = [p for p in tracked(".py") if p.name == "__init__.py" and p.is_relative_to(PACKAGE)]
    expect_none(findings(project_rules.uncharted, paths))


def test_every_folder_with_code_is_a_package() -> None:
    folders = {p.parent for p in tracked(".py") if p.is_relative_to(PACKAGE)}
    expect_none([shown(f) for f in sorted(folders) if not (f / "__init__.py").is_file()])


@pytest.mark.parametrize("rule", [project_rules.foreign, project_rules.dangling])
def test_nothing_points_elsewhere(rule: Rule) -> None:
    """No registry, no path of one machine, no page that is not here."""
    text = [p for p in tracked() if p.suffix not in {".png", ".sum", ".mod", ".iso", ".gz"}]
    rules = {"project_rules.py", "test_project_rules.py"}
    expect_none(findings(rule, [p for p in text if p.name not in rules]))


LONG = "def f():\n" + "    x = 1\n" * project_rules.FUNCTION_LINES
REGISTRY = "pip install -i https://" + project_rules.REGISTRIES[0] + "/simple x\n"


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        (project_rules.oversized, "x = 1\n" * 501, "x = 1\n" * 500),
        (project_rules.unreviewable, "1\n" * 701, "1\n" * 700),
        (project_rules.oversized, LONG, LONG.rpartition("    x")[0]),
        (
            project_rules.undocumented,
            '"""M."""\ndef f():\n    pass\n',
            '"""M."""\ndef _f():\n    pass\n',
        ),
        (project_rules.undocumented, "x = 1\n", '"""M."""\nx = 1\n'),
        (
            project_rules.undocumented,
            '"""M."""\nclass A:\n    """A."""\n    def f(self):\n        pass\n',
            '"""M."""\nclass A:\n    """A."""\n    def f(self):\n        """F."""\n',
        ),
        (project_rules.uncharted, "", '"""Plans. No I/O must not be here: it must not."""\n'),
        (
            project_rules.uncharted,
            '"""Plans live here."""\n',
            '"""Plans; devices must not live here."""\n',
        ),
        (project_rules.foreign, REGISTRY, "pip install x\n"),
        (project_rules.foreign, "cd /wor" + "k/main\n", "cd work/main\n"),
        (project_rules.dangling, "# see reference/x.md\n", "# see docs/x.md\n"),
    ],
)
def test_each_rule_finds_what_it_is_for(rule: Rule, bad: str, good: str) -> None:
    assert len(list(rule("a.py", bad))) == 1
    assert list(rule("a.py", good)) == []


@pytest.mark.parametrize("name", ["site/utils.py", "helpers/x.py", "plan/_common.py"])
def test_vague_names_are_found(name: str) -> None:
    assert len(list(project_rules.vaguely_named(name))) == 1


def test_plain_names_pass() -> None:
    assert list(project_rules.vaguely_named("tests/rooms/project_rules.py")) == []
