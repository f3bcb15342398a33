"""What a person is told when the digest of a plan is another one: what changed in the plan.

The plan as it was is made by the code of the last commit that still gives the kept digest, in a
folder of its own, so the working tree stays as it is.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from bloomery.plan import Plan

HERE = Path(__file__).parent
REPO = HERE.parents[1]
SHOWN = 60
"""Lines of the difference in the message; the command shows all."""

TRIED = 8
"""Commits that are tried, from the last on: a change is seldom older, and each takes a second."""

MAKE = """
import sys
from bloomery.plan import make_plan
from bloomery.site import load
sys.stdout.buffer.write(make_plan(load(sys.argv[1])).to_json())
"""


def explain(case: str, kept: str, plan: Plan, folder: Path) -> str:
    """How ``plan`` differs from the one of ``case`` with the digest ``kept``."""
    new, old = folder / "new.json", folder / "old.json"
    new.write_bytes(plan.to_json())
    said = f"the plan of {case} has another digest than the one kept; as it is now: {new}"
    for commit in _git("log", f"-{TRIED}", "--format=%h").split():
        was = _plan_at(commit, case, folder / commit)
        if hashlib.sha256(was).hexdigest() == kept:
            old.write_bytes(was)
            return f"{said}\nsince commit {commit}, in full by the command:\n{_diff(old, new)}"
    return f"{said}\nnone of the last {TRIED} commits gives the digest kept: {kept}"


def _diff(old: Path, new: Path) -> str:
    """The command, and the beginning of what it says."""
    bloomery = Path(sys.executable).parent / "bloomery"
    command = ["plan", "diff", str(old), str(new)]
    ended = subprocess.run([bloomery, *command], capture_output=True, text=True)
    shown = (ended.stdout + ended.stderr).splitlines()[:SHOWN]
    return "\n".join([f"  bloomery {' '.join(command)} --all", *shown])


def _git(*words: str) -> str:
    command = ["git", *words]
    return subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=True).stdout


def _plan_at(commit: str, case: str, folder: Path) -> bytes:
    """The plan of the case by the code and the site of a commit; empty where that has none."""
    folder.mkdir()
    archive = ["git", "archive", commit, "components", "inventories", "tests/golden"]
    packed = subprocess.run(archive, cwd=REPO, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x"], cwd=folder, input=packed, check=True)
    own = folder / "tests" / "golden" / case
    site = own if (own / "site.yaml").exists() else folder / "inventories" / case
    env = {**os.environ, "PYTHONPATH": str(folder / "components")}
    command = [sys.executable, "-c", MAKE, str(site)]
    ended = subprocess.run(command, cwd=folder, env=env, capture_output=True)
    return ended.stdout if ended.returncode == 0 else b""
