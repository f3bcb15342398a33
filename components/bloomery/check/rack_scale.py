"""Rule M8: a rack-scale rack is whole: its trays, and what else occupies its units."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bloomery.check.contents import Content, contents
from bloomery.check.note import Severity
from bloomery.check.preconditions import RACK_SCALE
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import ModelPlan, Plan

PARTS = {"nvlink": "NVLink switch trays", "shelf": "power shelves"}
"""Kind of a part of a rack -> what several are called."""

FILES = {"nvlink": "nvlink_units", "shelf": "shelf_units"}
"""Kind of a part of a rack -> the key of a rack that says where they stand."""


class _Gap(NamedTuple):
    """Units that the site does not give: racks with the same gap are one finding."""

    model: str
    kinds: tuple[str, ...]
    trays: str
    """Units of the compute trays where nothing is between them; else empty."""


def _rack_scale(plan: Plan) -> Iterator[Finding]:
    gaps: dict[_Gap, list[str]] = defaultdict(list)
    for rack, there in sorted(contents(plan).items()):
        trays = Counter(it.model.key for it in there if it.model and it.model.trays)
        for key, count in sorted(trays.items()):
            yield from _trays(rack, plan.metal.models_by_key[key], count, alone=len(trays) == 1)
        models = {plan.metal.models_by_key[key] for key in trays}
        yield from _wrong_parts(rack, there, models)
        if len(models) == 1 and (gap := _gap(there, *models)):
            gaps[gap].append(rack)
    for gap, racks in gaps.items():
        yield _incomplete(gap, racks, plan.metal.models_by_key)


def _trays(rack: str, model: ModelPlan, count: int, *, alone: bool) -> Iterator[Finding]:
    if count != model.trays or not alone:
        yield Finding(
            subject=rack,
            value=f"{count} trays of {model.key}",
            limit=f"{model.trays} trays of one model",
            margin=str(count - model.trays),
            remedy="a tray counts as its share of the rack: list all of one rack, once",
            severity=Severity.WARNING if count < model.trays else Severity.ERROR,
        )


def _wanted(model: ModelPlan, kind: str) -> int:
    return model.nvlink_trays if kind == "nvlink" else model.shelves


def _wrong_parts(rack: str, there: Sequence[Content], models: set[ModelPlan]) -> Iterator[Finding]:
    """A number that no model of the rack has; none at all is a gap of the site, told by itself."""
    for kind, words in PARTS.items():
        count = sum(it.kind == kind for it in there)
        wanted = sorted({_wanted(model, kind) for model in models}) or [0]
        if count and count not in wanted:
            yield Finding(
                subject=rack,
                value=f"{count} {words}",
                limit=" or ".join(map(str, wanted)) + ", as the model that stands there has",
                margin=str(count - wanted[-1]),
                remedy=f"correct {FILES[kind]} of the rack: one unit each",
            )


def _gap(there: Sequence[Content], model: ModelPlan) -> _Gap | None:
    kinds = tuple(
        kind for kind in PARTS if _wanted(model, kind) and all(it.kind != kind for it in there)
    )
    return _Gap(model.key, kinds, _unbroken(there, model)) if kinds else None


def _unbroken(there: Sequence[Content], model: ModelPlan) -> str:
    """``U11-U28`` where all trays of a whole rack stand on top of each other."""
    trays = [it for it in there if it.model and it.model.trays]
    low, high = trays[0].unit, trays[-1].unit + trays[-1].height - 1
    whole = len(trays) == model.trays and high - low + 1 == sum(it.height for it in trays)
    return f"U{low}-U{high}" if whole else ""


def _incomplete(gap: _Gap, racks: Sequence[str], models: Mapping[str, ModelPlan]) -> Finding:
    others = len(racks) - 1
    missing = [f"{_wanted(models[gap.model], kind)} {PARTS[kind]}" for kind in gap.kinds]
    value = f"no units for {' and '.join(missing)} of {gap.model}"
    if gap.trays and "nvlink" in gap.kinds:
        value += f"; its compute trays leave no unit free in {gap.trays}"
    return Finding(
        subject=racks[0] + (f" and {others} more" if others else ""),
        value=value,
        limit="a unit for everything in the rack",
        remedy=f"give {' and '.join(FILES[kind] for kind in gap.kinds)} of the rack in site.yaml,"
        " and compare the units of its trays: from the elevation of the vendor",
        severity=Severity.WARNING,
    )


RULES = (
    Rule(
        "M8",
        "A rack-scale rack holds all its trays, of one model only, and has units for all its parts",
        "trays, NVLink switch trays and power shelves of a rack in the catalogue",
        _rack_scale,
        (RACK_SCALE,),
    ),
)
