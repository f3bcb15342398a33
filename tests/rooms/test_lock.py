"""The locks hold what pyproject.toml asks for, every file by its hash, no address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from checkout import REPO

RUNTIME = REPO / "requirements.txt"
DEVELOPMENT = REPO / "requirements-dev.txt"
RIVALS = REPO / "tools" / "bench" / "requirements-rivals.txt"
LOCKS = (RUNTIME, DEVELOPMENT, REPO / "tools" / "engine" / "go.txt", RIVALS)
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text())

ENTRY = re.compile(r"^([a-z0-9._-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})*)", re.M | re.I)


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(path: Path) -> dict[str, str]:
    return {plain(name): version for name, version, _ in ENTRY.findall(path.read_text())}


def bare(entry: str) -> str:
    """Name of a requirement without its version."""
    return plain(re.split(r"[<>=~]", entry)[0])


def unhashed(text: str) -> list[str]:
    return [name for name, _, hashes in ENTRY.findall(text) if not hashes]


def strangers(text: str) -> list[str]:
    """Lines that are neither an entry, a hash nor a comment: options and addresses."""
    allowed = re.compile(
        r"^(\s*#.*|\s*--hash=sha256:[0-9a-f]{64}( \\)?|[a-z0-9._-]+==\S+ \\)?$", re.I
    )
    return [line for line in text.splitlines() if not allowed.match(line)]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_file_has_a_hash_and_no_line_an_address(path: Path) -> None:
    text = path.read_text()
    assert pinned(path)
    assert unhashed(text) == []
    assert strangers(text) == []


def test_missing_hashes_and_addresses_are_found() -> None:
    assert unhashed("x==1.0\n") == ["x"]
    assert strangers("--index-url https://mirror.example/simple\nx==1.0 \\\n") == [
        "--index-url https://mirror.example/simple"
    ]


def test_the_runtime_lock_is_what_the_package_asks_for() -> None:
    asked = dict(entry.split("==") for entry in PROJECT["project"]["dependencies"])
    locked = pinned(RUNTIME)
    assert {name: locked.get(plain(name)) for name in asked} == asked


def test_the_development_lock_only_adds() -> None:
    runtime, development = pinned(RUNTIME), pinned(DEVELOPMENT)
    assert {name: development.get(name) for name in runtime} == runtime


def test_the_development_lock_holds_what_checks_and_tests_ask_for() -> None:
    lines = (REPO / "requirements-dev.in").read_text().splitlines()
    asked = [line for line in lines if line and not line.startswith("#")]
    group = PROJECT["dependency-groups"]["dev"]
    locked = pinned(DEVELOPMENT)
    for entry in [*asked, *group, *PROJECT["build-system"]["requires"]]:
        assert bare(entry) in locked, entry
        assert entry.partition("==")[2] in ("", locked[bare(entry)]), entry
    assert {bare(entry) for entry in group} <= {bare(entry) for entry in asked}


def test_every_direct_dependency_has_its_reason() -> None:
    text = (REPO / "docs" / "dependencies.md").read_text()
    asked = [entry.split("==")[0] for entry in PROJECT["project"]["dependencies"]]
    lines = (REPO / "requirements-dev.in").read_text().splitlines()
    asked += [line.split("==")[0] for line in lines if line and not line.startswith("#")]
    assert [name for name in asked if f"| `{name}` |" not in text] == []


def test_the_page_names_the_packages_set_up_installs() -> None:
    page = (REPO / "docs" / "dependencies.md").read_text()
    section = page.partition("## Debian packages")[2]
    named = set(re.findall(r"`([^`/\s]+)`", section))
    lines = (REPO / "tools" / "packages.txt").read_text().splitlines()
    assert named == {line.split()[0] for line in lines if line and not line.startswith("#")}
