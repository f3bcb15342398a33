"""Names of models in NetBox: of the catalogue, and of what the site chose itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bloomery.catalogue.cdu import cdu_models
from bloomery.catalogue.netbox import Made
from bloomery.catalogue.node import node_models
from bloomery.catalogue.rack_part import rack_parts
from bloomery.catalogue.switch import switch_models
from bloomery.plan.model import ModelPlan
from bloomery.report.files.sheet import number

GENERIC = "Generic"
"""Manufacturer of what no maker is named of; the public devicetype-library has one of that name."""

LONGEST = 100
"""Longest slug and longest model that NetBox stores."""


@dataclass(frozen=True)
class DeviceType:
    """One device type of NetBox."""

    manufacturer: str
    model: str
    slug: str
    height: int = 0
    weight: str = ""


UNKNOWN = DeviceType(GENERIC, "Unspecified", "generic-unspecified")
"""Type of what a cable ends at and the plan has no model of, such as fabric managers."""


def slug(text: str) -> str:
    """Letters, digits and hyphens, as NetBox wants a slug."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:LONGEST] or "none"


def slugs(names: list[str]) -> Mapping[str, str]:
    """Name -> slug, no two alike: a number tells names apart that differ in signs only."""
    made: dict[str, str] = {}
    for name in names:
        first, count = slug(name), 1
        while (told := first if count == 1 else f"{first[: LONGEST - 4]}-{count}") in made.values():
            count += 1
        made[name] = told
    return made


def device_type(kind: str, key: str, model: ModelPlan | None, height: int) -> DeviceType:
    """The type of a model. A height that the site chose is part of its name: another site that
    chose another one has another type."""
    made = _catalogue().get((kind, key))
    known = made.netbox if made else None
    title, maker = model.title if model else key, made.maker if made else ""
    manufacturer = (known.manufacturer if known else "") or maker or GENERIC
    name = known.model if known else title.removeprefix(f"{maker} ").strip()
    short = known.slug if known else slug(f"{manufacturer} {name}")
    if height and getattr(made, "height_u", None) is None:
        name, short = f"{name[: LONGEST - 5]}, {height}U", f"{short[: LONGEST - 4]}-{height}u"
    weight = number(model.weight_kg) if model and model.weight_kg else ""
    return DeviceType(manufacturer, name[:LONGEST], short, height, weight)


@cache
def _catalogue() -> Mapping[tuple[str, str], Made]:
    kinds: Mapping[str, Mapping[str, Made]] = {
        "node": node_models(),
        "switch": switch_models(),
        "cdu": cdu_models(),
    }
    known = {(kind, key): made for kind, models in kinds.items() for key, made in models.items()}
    return known | {(part.kind, key): part for key, part in rack_parts().items()}
