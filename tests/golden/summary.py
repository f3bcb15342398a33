"""A large plan on one page, by which a person sees what a new digest is about."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator

from bloomery.plan import Plan
from bloomery.plan.totals import totals

MARK = 12
"""Hex digits of the digest of a part: enough to see that it is another one."""


def summary(plan: Plan) -> str:
    """Sums, then what there is how often, then every part of the plan by value or digest."""
    lines = [*_sums(plan), "", *_counts(plan), "", *_parts(json.loads(plan.to_json()))]
    return "\n".join(lines) + "\n"


def _sums(plan: Plan) -> Iterator[str]:
    for total in totals(plan):
        yield f"{total.noun:<8} {total.name:<20} {total.value:>14,.10g} {total.unit}".rstrip()


def _counts(plan: Plan) -> Iterator[str]:
    fabric = plan.fabric
    kinds = {
        "machines": Counter(f"{n.pool} {n.model}" for n in plan.metal.nodes),
        "switches": Counter(f"{s.network} {s.tier} {s.model}" for s in fabric.switches),
        "cables": Counter(
            f"{c.network} {c.layer} {c.speed_gbps:g} Gb/s {c.medium}" for c in fabric.cables
        ),
    }
    for kind, found in kinds.items():
        for what, count in sorted(found.items()):
            yield f"{kind:<8} {what:<44} {count:>8,}"


def _parts(plan: dict[str, object]) -> Iterator[str]:
    """One line a key of a noun: two plans with another line differ in that key."""
    for noun, parts in plan.items():
        found = parts.items() if isinstance(parts, dict) else [("", parts)]
        yield from (_part(f"{noun}.{name}".rstrip("."), part) for name, part in found)


def _part(name: str, part: object) -> str:
    text = json.dumps(part, sort_keys=True, ensure_ascii=False)
    if isinstance(part, list | dict):
        mark = hashlib.sha256(text.encode()).hexdigest()[:MARK]
        text = f"{mark} {len(part):,} entries"
    return f"{name:<32} {text}"
