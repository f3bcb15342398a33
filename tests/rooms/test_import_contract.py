"""Imports run one way through the rooms, and the contract notices when they do not."""

from __future__ import annotations

import ast
import configparser
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from checkout import REPO

from bloomery.nouns import Noun

LINT = Path(sys.executable).parent / "lint-imports"

STILL = "What is planned comes from what is written alone"

BREACHES = {
    "plan/planted.py": ("import subprocess", "The pure rooms touch no engine, process or network"),
    "evidence/planted.py": ("import pulumi", "The pure rooms touch no engine, process or network"),
    "drivers/redfish/planted.py": ("import bloomery.site", "Drivers know neither site nor plan"),
    "drivers/ssh/planted.py": (
        "import bloomery.drivers.redfish",
        "Drivers are independent of each other",
    ),
    "metal/planted.py": ("import bloomery.drivers", "Components reach devices through resources"),
    "plan/planted_clock.py": ("import time", STILL),
    "check/planted_chance.py": ("import random", STILL),
    "site/planted_environment.py": ("import os", STILL),
    "catalogue/planted_file.py": ("import pathlib", STILL),
    "plan/planted_process.py": ("import multiprocessing", STILL),
    "plan/planted_detour.py": ("import bloomery.statedir", STILL),
    "catalogue/planted.py": ("import bloomery.cli", "Imports run one way through the rooms"),
}


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(LINT), "--no-cache", "--config", str(root / ".importlinter")],
        cwd=root,
        env={"PYTHONPATH": str(root / "components"), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )


def test_the_contract_is_kept() -> None:
    ended = lint(REPO)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with one breach of every contract planted in it."""
    root = tmp_path_factory.mktemp("planted")
    shutil.copytree(
        REPO / "components", root / "components", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(REPO / ".importlinter", root)
    for name, (line, _) in BREACHES.items():
        path = root / "components" / "bloomery" / name
        assert path.parent.is_dir()
        path.write_text(line + "\n")
    return root


def test_every_planted_breach_is_found(copy: Path) -> None:
    ended = lint(copy)
    assert ended.returncode != 0
    for name, (line, contract) in BREACHES.items():
        module = "bloomery." + name.removesuffix(".py").replace("/", ".")
        assert f"{module} -> {line.split()[1]}" in ended.stdout, ended.stdout
        broken = [row for row in ended.stdout.splitlines() if row.startswith(contract)]
        assert any("BROKEN" in row for row in broken), ended.stdout


def listed(contract: str, key: str) -> set[str]:
    config = configparser.ConfigParser()
    config.read(REPO / ".importlinter")
    return set(config[f"importlinter:contract:{contract}"][key].split())


def test_every_noun_is_held_to_the_contract_of_components() -> None:
    """That a room stands among the layers is found by the linter itself."""
    package = REPO / "components" / "bloomery"
    rooms = {path.parent.name for path in package.glob("*/component.py")}
    assert rooms == set(get_args(Noun)), "bloomery/nouns.py names them"
    assert listed("components", "source_modules") == {f"bloomery.{room}" for room in rooms}


TYPES_ONLY = ("bloomery.site", "bloomery.plan")
"""What a run reads is imported for the type checker only: the room stands below both."""


def early(text: str) -> list[str]:
    """Imports of what a run reads that happen when the program runs."""
    tree = ast.parse(text)
    guarded = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    return [
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node not in guarded
        if node.module and node.module.startswith(TYPES_ONLY)
    ]


def test_runs_import_what_they_read_for_the_type_checker_only() -> None:
    files = sorted((REPO / "components" / "bloomery" / "runs").glob("*.py"))
    assert len(files) > 3
    assert [(file.name, found) for file in files if (found := early(file.read_text()))] == []
    line = "from bloomery.plan.model import Plan"
    assert early(f"{line}\n") == ["bloomery.plan.model"]
    assert early(f"if TYPE_CHECKING:\n    {line}\n") == []
