"""What the documentation says to type exists and runs, and generated pages are fresh."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from project_rules import REPO, shown, tracked

sys.path.insert(0, str(REPO / "tools"))

from pages.__main__ import generated
from pages.steps import Step, script, steps, unseen

PAGES = ("README.md", "docs/tutorial.md", "docs/site.md", "docs/regions.md", "CONTRIBUTING.md")
MARK = "@@ step"

PULUMI = {"preview", "up", "refresh", "destroy", "cancel", "stack"}
"""What of Pulumi the pages show."""


def read(page: str) -> tuple[Step, ...]:
    return steps((REPO / page).read_text())


def commands(page: str) -> Iterator[str]:
    """Every command line of a page, without comments."""
    for step in read(page):
        for line in step.commands.splitlines():
            yield line.partition(" #")[0].strip()


def known_commands() -> set[str]:
    text = (REPO / "docs" / "commands.md").read_text()
    headings = re.findall(r"^## `bloomery ([^`]*)`$", text, re.MULTILINE)
    nouns = {" ".join(word for word in head.split() if word.islower()) for head in headings}
    return nouns | {noun.removesuffix(" show") for noun in nouns}  # the word may be left out


def unknown(line: str, targets: set[str], nouns: set[str]) -> str:
    """What of a command line does not exist; empty when all does."""
    words = re.sub(r'^eval "\$\((.*)\)"$', r"\1", line).split()
    match words:
        case ["make", *rest]:
            return next((target for target in rest if target not in targets), "")
        case ["bloomery", *rest]:
            said = " ".join(rest)
            return "" if any(f"{said} ".startswith(f"{noun} ") for noun in nouns) else said
        case ["pulumi", verb, *_]:
            return "" if verb in PULUMI else verb
        case [first, *_] if "/" in first and "=" not in first:
            return "" if (REPO / first).is_file() else first
    return ""


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_page_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (REPO / "Makefile").read_text(), re.MULTILINE))
    found = list(commands(page))
    assert found
    assert [line for line in found if unknown(line, targets, known_commands())] == []


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("make up", ""),
        ("make coffee", "coffee"),
        ("bloomery lab up lab", ""),
        ("bloomery lab dance lab", "lab dance lab"),
        ('eval "$(bloomery envy lab)"', "envy lab"),
        ("pulumi explode", "explode"),
        ("tools/none", "tools/none"),
    ],
)
def test_unknown_commands_are_found(line: str, missing: str) -> None:
    assert unknown(line, {"up"}, {"lab up", "env"}) == missing


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy to type in: the engine writes into a project, and set-up links a checkout.

    Set-up is the real one of the real checkout; it has an environment already.
    """
    copy = tmp_path / "checkout"
    for path in tracked():
        target = copy / path.relative_to(REPO)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    (copy / ".venv").symlink_to(REPO / ".venv")
    setup = copy / "tools" / "setup"
    setup.write_text(f'#!/bin/sh\nexec "{REPO}/tools/setup"\n')
    return copy


@pytest.mark.parametrize(
    "page", ["README.md", "docs/tutorial.md", "docs/site.md", "docs/regions.md"]
)
def test_steps_that_need_no_lab_run(page: str, checkout: Path, tmp_path: Path) -> None:
    """In one shell, from the top, as somebody types them; each prints what the page shows."""
    chosen = tuple(step for step in read(page) if not step.lab)
    assert chosen
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "BLOOMERY_"))}
    ended = subprocess.run(
        ["bash", "-c", script(chosen, MARK)],
        cwd=checkout,
        env={**clean, "BLOOMERY_STATE": str(tmp_path / "state")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    outputs = re.split(rf"^{MARK} \d+$", ended.stdout, flags=re.MULTILINE)
    done = len(outputs) - 1
    assert ended.returncode == 0, f"{page}:{chosen[done].line}\n{outputs[-1]}"
    for step, output in zip(chosen, outputs, strict=False):
        missing = unseen(step.prints, output)
        assert not missing, f"{page}:{step.line} did not print {missing!r}:\n{output}"


def test_generated_pages_are_fresh() -> None:
    stale = [
        shown(p) for p, text in generated().items() if not p.is_file() or p.read_text() != text
    ]
    assert not stale, f"run make docs: {stale}"


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in tracked(".md"):
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{shown(page)}: {target}")
    assert broken == []
