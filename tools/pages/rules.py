"""``docs/rules.md``: what a plan is held to, from the rules and the policy packs themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bloomery.check import RULES, Rule

INTRO = """\
# Rules and policies

Rules read the finished plan and recalculate its values; an error stops a stack before anything
is registered. `bloomery site check SITE` runs them. Policies are requirements of law and contract:
`pulumi preview --policy-pack policies/sovereign`, where a mandatory finding makes the exit code 1.

This page is generated: `make docs`.

## Rules of `bloomery.check`

| id | rule | applicable where the site describes | source of the limit |
|---|---|---|---|
"""


_TABLE = """
| row | rule | evaluated by | what evaluates it, or the part outside the preview |
|---|---|---|---|
"""


def _policies(pack: Path) -> Iterator[str]:
    # A pack is a programme of its own with its own top-level names, so it is asked in one.
    answer = subprocess.run(
        [sys.executable, "-B", "describe.py"], cwd=pack, capture_output=True, text=True, check=True
    )
    said = json.loads(answer.stdout)
    yield f"\n{said['score']}.\n"
    yield _TABLE
    for row in said["table"]:
        yield f"| {row['row']} | `{row['rule']}` | {row['status']} | {row['decided_by']} |\n"
    for rule in said["rules"]:
        named = (f"{one['framework']} {one['edition']} {one['id']}" for one in rule["controls"])
        yield f"\n### `{rule['rule']}` ({rule['level']}, {rule['severity']})\n"
        yield f"\n{rule['description']}\n\n{rule['remedy']}\n\nControls: {'; '.join(named)}.\n"


def _wants(rule: Rule) -> str:
    return ", ".join(each.what for each in rule.preconditions)


def page(policies: Path) -> str:
    """The page as it should be."""
    rows = [f"| {rule.id} | {rule.title} | {_wants(rule)} | {rule.source} |\n" for rule in RULES]
    text = INTRO + "".join(rows)
    for pack in sorted(path.parent for path in policies.glob("*/PulumiPolicy.yaml")):
        text += f"\n## Policy pack `{pack.name}`\n" + "".join(_policies(pack))
    return text
