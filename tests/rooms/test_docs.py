"""What the documentation says to type exists, links lead somewhere, generated pages are fresh."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import pytest
from checkout import REPO, shown, tracked

sys.path.insert(0, str(REPO / "tools"))

from pages.__main__ import generated
from pages.steps import steps

PAGES = (
    "README.md",
    "docs/tutorial.md",
    "docs/site.md",
    "docs/regions.md",
    "docs/extending.md",
    "CONTRIBUTING.md",
)
PULUMI = {"preview", "up", "refresh", "destroy", "cancel", "stack"}
"""What of Pulumi the pages show."""


def commands(page: str) -> Iterator[str]:
    """Every command line of a page, without comments."""
    for step in steps((REPO / page).read_text()):
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
