"""The tutorial, typed from top to bottom on a lab: what it promises is what comes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkout import REPO, copy_to
from environment import HANGS_S, untouched

sys.path.insert(0, str(REPO / "tools"))

from pages.steps import script, steps, unseen

MARK = "@@ step"

NETWORKS = {"127.77.": "127.177.", "10.77.": "10.177."}
"""Networks of the site in the checkout -> those it is typed with here: whoever runs the tests may
have the lab up."""


def _move(site: Path) -> None:
    """Give the site other networks."""
    for file in site.iterdir():
        text = file.read_text()
        for ours, other in NETWORKS.items():
            assert ours in text or file.suffix == ".csv", f"{file.name} has no {ours}"
            text = text.replace(ours, other)
        file.write_text(text)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A shell that knows nothing yet; the lab it makes is taken away in any case."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "BLOOMERY_"))}
    clean["BLOOMERY_STATE"] = str(tmp_path / "state")
    if "BLOOMERY_CACHE" in os.environ:
        clean["BLOOMERY_CACHE"] = os.environ["BLOOMERY_CACHE"]
    down = [str(REPO / ".venv/bin/bloomery"), "lab", "down", "lab"]
    with untouched(REPO / ".venv"):
        yield clean
        subprocess.run(down, cwd=REPO, env=clean, check=True)


def test_every_step_of_the_tutorial(shell: dict[str, str], tmp_path: Path) -> None:
    """In one shell; each step must end well and print what the page shows."""
    chosen = steps((REPO / "docs" / "tutorial.md").read_text())
    assert any(step.lab for step in chosen)
    checkout = copy_to(tmp_path / "checkout")
    _move(checkout / "inventories" / "lab")
    ended = subprocess.run(
        ["bash", "-c", script(chosen, MARK)],
        cwd=checkout,
        env=shell,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=HANGS_S,
    )
    outputs = re.split(rf"^{MARK} \d+$", ended.stdout, flags=re.MULTILINE)
    done = len(outputs) - 1
    assert ended.returncode == 0, f"docs/tutorial.md:{chosen[done].line}\n{outputs[-1][-4000:]}"
    for step, output in zip(chosen, outputs, strict=False):
        missing = unseen(step.prints, output)
        assert not missing, f"docs/tutorial.md:{step.line} did not print {missing!r}:\n{output}"
