"""docs/extending.md, followed to the letter in a copy, where all that it says must come true."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkout import REPO
from environment import untouched
from follow import PAGE, ROW, Copy, blocks, changed

GIVEN = blocks(PAGE.read_text())
LEFT_OUT = ROW.findall(PAGE.read_text())

NOUN = {".importlinter", "components/bloomery/nouns.py", "stacks/layers.py"}
"""Old files that a noun with a run, claims and a component changes."""

RULE = {"components/bloomery/check/review.py"}
GENERATED = {"docs/rules.md", "docs/runs.md", "docs/pictures/layers.svg"}

PROOF = "tests/unit/provider/test_timing_over_grpc.py"
"""Where ``timing_over_grpc.py`` is put in the copy: what it stands on lies there."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """The repository after somebody followed the page."""
    with untouched(REPO / ".venv"):
        made = Copy.make(tmp_path_factory.mktemp("followed"))
        for block in GIVEN:
            made.write(block)
        made.python("-m", "pages", path="components:tools")
        yield made


@pytest.fixture
def site(copy: Copy, tmp_path: Path) -> Path:
    """The lab's inventory, with the new run among those it chose."""
    shutil.copytree(copy.root / "inventories" / "lab", tmp_path / "lab")
    return choose(tmp_path / "lab", "base, timing, slurm, train, serve")


def choose(site: Path, runs: str) -> Path:
    sheet = site / "site.yaml"
    sheet.write_text(re.sub(r"runs: \[.*\]", f"runs: [{runs}]", sheet.read_text()))
    return site


def test_a_noun_changes_three_old_files(copy: Copy) -> None:
    for_the_noun = {block.file for block in GIVEN if block.changes and block.section != "A rule"}
    assert for_the_noun == NOUN and len(NOUN) <= 3
    assert copy.old_files() == NOUN | RULE | GENERATED
    first = PAGE.read_text().partition("\n## ")[0]
    assert all(f"`{file}`" in first for file in NOUN | RULE), "the page names them"


def test_the_new_run_is_planned_after_what_it_needs(copy: Copy, site: Path) -> None:
    said = copy.bloomery("plan", str(site))
    assert said.returncode == 0, said.stdout
    rows = re.findall(r"^ *(base-mgmt|timing|base-serve|slurm) +(\w+) .*$", said.stdout, re.M)
    assert rows == [
        ("base-mgmt", "base"),
        ("timing", "timing"),
        ("base-serve", "metal"),
        ("slurm", "cluster"),
    ]
    assert re.search(r"^ *timing +timing +1 clocks +base-mgmt *$", said.stdout, re.M)


def test_a_site_that_forgets_what_it_needs_is_told(copy: Copy, site: Path) -> None:
    said = copy.bloomery("plan", str(choose(site, "timing")))
    assert said.returncode == 2
    assert "run 'timing' needs run 'base'" in said.stdout and "add 'base'" in said.stdout


def test_the_new_rule_is_counted_and_finds(copy: Copy, site: Path) -> None:
    before = int(re.findall(r"(\d+) rules passed", lab_table())[0])
    assert f"check: {before + 1} rules passed" in copy.bloomery("plan", "lab").stdout
    said = copy.bloomery("plan", str(site)).stdout
    assert "T1 warning  run timing: all clocks in r01; limit two racks" in said
    assert re.search(r"check: \d+ rules passed, 1 warning\b", said)
    (row,) = re.findall(r"^\| T1 \|.*$", (copy.root / "docs" / "rules.md").read_text(), re.M)
    assert "Clocks stand in more than one rack" in row and "cluster.runs" in row


def lab_table() -> str:
    return (REPO / "tests" / "golden" / "lab" / "table.txt").read_text()


def test_the_new_playbook_is_one(copy: Copy) -> None:
    copy.good(
        "ansible-playbook", "--syntax-check", "-i", "mgmt-01,", "ansible/playbooks/timing.yml"
    )


def test_the_new_tests_pass_and_the_provider_does_what_they_say(copy: Copy) -> None:
    """Also those of all runs, components and claims: no other site changes."""
    shutil.copy(Path(__file__).with_name("timing_over_grpc.py"), copy.root / PROOF)
    new = [block.file for block in GIVEN if Path(block.file).name.startswith("test_")]
    assert len(new) == 3
    ended = copy.pytest(
        PROOF,
        *new,
        "tests/unit/runs",
        "tests/unit/components/test_component_tree.py",
        "tests/unit/provider/test_grpc_acceptance.py",
        "tests/unit/check/test_check_rules.py",
    )
    (copy.root / PROOF).unlink()
    assert ended.returncode == 0, ended.stdout


def test_style_and_types_hold(copy: Copy) -> None:
    copy.good("ruff", "check", ".")
    copy.good("ruff", "format", "--check", ".")
    copy.python("-m", "mypy")


def test_the_project_rules_hold(copy: Copy) -> None:
    ended = copy.pytest("tests/rooms")
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize(("file", "test", "says"), LEFT_OUT, ids=[row[0] for row in LEFT_OUT])
def test_a_step_left_out_fails_as_the_page_says(
    copy: Copy, file: str, test: str, says: str
) -> None:
    with copy.without(file):
        ended = copy.pytest(test)
    assert ended.returncode == 1, ended.stdout
    assert says in ended.stdout


def test_the_page_says_of_every_old_file_what_fails_without_it() -> None:
    assert {file for file, _, _ in LEFT_OUT} >= NOUN | RULE | GENERATED


def test_a_change_that_finds_no_place_is_a_fault_of_the_page() -> None:
    assert changed("a\nb\nc\n", " a\n-b\n+B\n") == "a\nB\nc\n"
    for text in ("a\n", "b\nb\n"):
        with pytest.raises(AssertionError, match="not once"):
            changed(text, "-b\n+B\n")


def test_only_the_copy_is_imported(copy: Copy) -> None:
    said = copy.python("-c", "import bloomery, layers; print(bloomery.__file__, layers.__file__)",
                       path="components:stacks")  # fmt: skip
    assert all(Path(word).is_relative_to(copy.root) for word in said.split())
