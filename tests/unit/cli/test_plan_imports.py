"""A small plan is mostly imports: what ``bloomery plan`` does not need, it does not import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parents[3] / "inventories" / "example-64"

OTHERS = (
    # libraries of other commands
    "aiohttp",
    "ansible_runner",
    "asyncio",
    "cryptography",
    "google.protobuf",
    "grpc",
    "jinja2",
    "paramiko",
    "pulumi",
    "pycdlib",
    "sushy",
    # rooms of other commands
    "bloomery.drivers",
    "bloomery.evidence",
    "bloomery.lab",
    "bloomery.provider",
    "bloomery.report",
    "bloomery.resources",
    "bloomery.trust",
    # what `plan diff` and the tables on a terminal take
    "bloomery.cli.plan_tables",
    "bloomery.plan.diff",
    "rich.table",
)

RUN = """
import sys
sys.argv = ["bloomery", *sys.argv[1:]]
from bloomery.cli.main import main
try:
    main()
except SystemExit as done:
    assert not done.code, done.code
sys.stderr.write("IMPORTED " + " ".join(sys.modules))
"""


def imported(*words: str) -> set[str]:
    """Modules in a process that ran this command."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *words], capture_output=True, text=True, check=True
    )
    return {*done.stderr.rpartition("IMPORTED ")[2].split()}


def test_a_plan_as_json_imports_nothing_of_other_commands() -> None:
    found = imported("plan", str(SITE), "--json")
    assert "bloomery.plan.make" in found
    assert not found & {*OTHERS}


@pytest.mark.parametrize(
    ("words", "theirs"),
    [
        (["plan", str(SITE)], "rich.table"),
        (["plan", "diff", str(SITE), str(SITE)], "bloomery.plan.diff"),
        (["policy", "--help"], "bloomery.evidence"),
    ],
    ids=["tables", "diff", "policy"],
)
def test_another_command_imports_what_it_needs(words: list[str], theirs: str) -> None:
    """The case that fails: these modules are seen where they are imported."""
    assert theirs in imported(*words) & {*OTHERS}
