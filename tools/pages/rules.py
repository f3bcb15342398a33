"""``docs/rules.md``: what a plan is held to, from the rules and the policy packs themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bloomery.check import RULES

INTRO = """\
# Rules and policies

Rules read the finished plan and do its sums again; an error stops a stack before anything is
registered. `bloomery site check SITE` runs them. Policies are law and contract:
`pulumi preview --policy-pack policies/sovereign`, where a mandatory finding makes the exit code 1.

This page is generated: `make docs`.

## Rules of `bloomery.check`

| id | what must hold | where the limit comes from |
|---|---|---|
"""

_LIST = """
import json, sys
sys.path.insert(0, ".")
from pack import RULES
rows = [[r.name, r.description, r.enforcement_level.value, r.remediation_steps, r.tags or []]
        for r in RULES]
print(json.dumps(rows))
"""


def _policies(pack: Path) -> Iterator[str]:
    # A pack is a programme of its own with its own top-level names, so it is asked in one.
    answer = subprocess.run(
        [sys.executable, "-B", "-c", _LIST], cwd=pack, capture_output=True, text=True, check=True
    )
    for name, description, level, remedy, controls in json.loads(answer.stdout):
        yield f"\n### `{name}` ({level})\n\n{description}\n\n{remedy}\n"
        if controls:
            yield f"\nControls: {'; '.join(control.replace('/', ' ') for control in controls)}.\n"


def page(policies: Path) -> str:
    """The page as it should be."""
    rows = [f"| {rule.id} | {rule.title} | {rule.source} |\n" for rule in RULES]
    text = INTRO + "".join(rows)
    for pack in sorted(path.parent for path in policies.glob("*/PulumiPolicy.yaml")):
        text += f"\n## Policy pack `{pack.name}`\n" + "".join(_policies(pack))
    return text
