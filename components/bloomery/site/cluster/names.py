"""Names that storage, projects and cost take or point to, judged as they were written."""

from __future__ import annotations

from collections.abc import Iterator

from bloomery.errors import Fault
from bloomery.site.reading.document import Document, Path
from bloomery.site.reading.entries import Entries, entries
from bloomery.site.reading.fault_texts import suggest


def claim_faults(document: Document) -> Iterator[Fault]:
    """Every tier, job, project and pool that is named twice, or that nothing answers to."""
    storage = (document.data or {}).get("storage")
    inside = storage if isinstance(storage, dict) else {}
    tiers = entries(inside.get("tiers"), ("storage", "tiers"))
    jobs = entries(inside.get("jobs"), ("storage", "jobs"))
    projects = entries((document.data or {}).get("projects"), ("projects",))
    for named in (tiers, jobs, projects):
        yield from _taken_twice(document, named, "name")
    yield from _taken_twice(document, projects, "id")
    known = _values(tiers, "name")
    yield from _unknown(document, jobs, "tier", known)
    yield from _unknown(document, projects, "tier", known)
    pools = _values(entries((document.data or {}).get("pools"), ("pools",)), "name")
    yield from _unknown(document, projects, "pool", pools)
    yield from _unknown_priced(document, pools)


def _values(named: Entries, key: str) -> set[str]:
    return {value for _, entry in named if isinstance(value := entry.get(key), str)}


def _taken_twice(document: Document, named: Entries, key: str) -> Iterator[Fault]:
    first: dict[str, Path] = {}
    for path, entry in named:
        value = entry.get(key)
        if not isinstance(value, str):
            continue
        # "7" and "07" are one number.
        same = value.lstrip("0") if key == "id" else value
        if same in first:
            where = f"{first[same][-2]}[{first[same][-1]}] has it"
            yield document.fault((*path, key), f"{key} {value!r} is taken", where)
        first.setdefault(same, path)


def _unknown(document: Document, named: Entries, key: str, known: set[str]) -> Iterator[Fault]:
    for path, entry in named:
        value = entry.get(key)
        if isinstance(value, str) and value not in known:
            hint = suggest(value, known, f"{key}s") or f"the site has no {key}"
            yield document.fault((*path, key), f"unknown {key} {value!r}", hint)


def _unknown_priced(document: Document, pools: set[str]) -> Iterator[Fault]:
    cost = (document.data or {}).get("cost")
    priced = cost.get("capital_by_pool") if isinstance(cost, dict) else None
    if not isinstance(priced, dict):
        return
    for pool in priced:
        if pool not in pools:
            path = ("cost", "capital_by_pool", pool)
            yield document.fault(path, f"unknown pool {pool!r}", suggest(pool, pools, "pools"))
    for pool in sorted(pools - set(priced)):
        hint = "0 where it is written off; without it the cost per GPU-hour is understated"
        yield document.fault(("cost", "capital_by_pool"), f"pool {pool!r} has no price", hint)
