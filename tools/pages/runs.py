"""``docs/runs.md``: every run, from its file."""

from __future__ import annotations

from collections.abc import Mapping

from bloomery.runs.kind import RunKind
from bloomery.runs.registry import run_kinds

HEAD = """\
# Runs

A run is one playbook on the machines of some pools. `cluster.runs` in `site.yaml` chooses runs by
name; a run that is chosen without one it needs is refused with the name to add. Each run is one
file in `components/bloomery/runs/`; [extending.md](extending.md) says how to add one. This page is
generated: `make docs`.

*Lists* says which machines the templates of a run name: no other machine, those of its own groups,
or every machine of the site. A machine that joins, leaves or changes its address converges every
host that lists it.

| run | noun | playbook | on pools for | needs | at least | lists |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    """The page as Markdown."""
    return HEAD + "".join(_row(kind) for kind in run_kinds().values())


def _row(kind: RunKind) -> str:
    cells = (
        f"`{kind.name}`",
        kind.noun,
        f"`{kind.playbook or kind.name}.yml`",
        ", ".join(kind.groups),
        ", ".join(f"`{name}`" for name in kind.needs) or "-",
        _least(kind),
        {"none": "no other machine", "groups": "its groups", "all": "every machine"}[kind.reads],
    )
    return f"| {' | '.join(cells)} |\n"


def _least(kind: RunKind) -> str:
    told = _counts(kind.minimum)
    return f"{told}; advised {_counts(kind.advised)}" if kind.advised else told


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {purpose}" for purpose, count in counts.items()) or "-"
