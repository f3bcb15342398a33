"""What the documentation says to type runs, and prints what the page shows."""

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


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A copy to type in. What is typed leaves the environment of this run as it is."""
    with untouched(REPO / ".venv"):
        yield copy_to(tmp_path / "checkout")


@pytest.mark.parametrize(
    "page",
    ["README.md", "docs/tutorial.md", "docs/site.md", "docs/regions.md", "docs/releases.md"],
)
def test_steps_that_need_no_lab_run(page: str, checkout: Path, tmp_path: Path) -> None:
    """In one shell, from the top, as somebody types them; each prints what the page shows."""
    chosen = tuple(step for step in steps((REPO / page).read_text()) if not step.lab)
    assert chosen
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "BLOOMERY_"))}
    ended = subprocess.run(
        ["bash", "-c", script(chosen, MARK)],
        cwd=checkout,
        env={**clean, "BLOOMERY_STATE": str(tmp_path / "state")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=HANGS_S,
    )
    outputs = re.split(rf"^{MARK} \d+$", ended.stdout, flags=re.MULTILINE)
    done = len(outputs) - 1
    assert ended.returncode == 0, f"{page}:{chosen[done].line}\n{outputs[-1]}"
    for step, output in zip(chosen, outputs, strict=False):
        missing = unseen(step.prints, output)
        assert not missing, f"{page}:{step.line} did not print {missing!r}:\n{output}"
