"""Another model in the place of one that cannot be had.

Pools, racks, units and identities stay; whether the other model fits there is for the plan
and the rules to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from bloomery.catalogue import node_model, node_models
from bloomery.errors import Fault, FaultsError
from bloomery.site.metal.sheet import Pool
from bloomery.site.model import Site
from bloomery.site.reading.fault_texts import suggest, tell

OPTION = "--substitute"
"""Where a fault of a substitution is shown: it stands in no file."""

CHOICES = frozenset({"name", "model", "purpose", "bios"})
"""Keys of a pool that are choices of the site; all others are figures of one model."""


@dataclass(frozen=True)
class Substitute:
    """A model to take, with the figures a pool of it must give."""

    model: str
    figures: Mapping[str, str] = field(default_factory=dict)
    """Key of a pool -> what would stand in ``site.yaml``: ``power_kw`` -> ``14.5 kW``."""


def read_substitutes(written: Sequence[str]) -> dict[str, Substitute]:
    """``OLD=NEW`` or ``OLD=NEW,KEY=VALUE,...``, each as one. Raises FaultsError with all faults."""
    found: dict[str, Substitute] = {}
    faults: list[Fault] = []
    for text in written:
        parts = [part.partition("=") for part in text.split(",")]
        if not all(key and equals and value for key, equals, value in parts):
            hint = "OLD=NEW, and figures behind it: dgx-b200=hgx-b200,power_kw=14 kW,height_u=8"
            faults.append(_fault(text, f"{text!r} is not OLD=NEW", hint))
            continue
        (old, _, new), *rest = parts
        if old in found:
            faults.append(_fault(old, "is given twice"))
        figures = {key.strip(): value.strip() for key, _, value in rest}
        found[old.strip()] = Substitute(new.strip(), figures)
    if faults:
        raise FaultsError(faults)
    return found


def substitute(site: Site, wanted: Mapping[str, str | Substitute]) -> Site:
    """``site`` with every pool of an old model ordered as the new one.

    Figures that the site gave for the old model go with it. Raises FaultsError for an old
    model no pool has, a new one the catalogue does not know, and a figure that is missing.
    """
    chosen = {
        old: new if isinstance(new, Substitute) else Substitute(new) for old, new in wanted.items()
    }
    faults = [fault for old, new in chosen.items() for fault in _unknown(site, old, new)]
    if faults:
        raise FaultsError(faults)
    pools: list[Pool] = []
    for pool in site.pools:
        new = chosen.get(pool.model)
        pools.append(_pool(pool, new, faults) if new else pool)
    if faults:
        raise FaultsError(tuple(dict.fromkeys(faults)))
    return site.model_copy(update={"pools": tuple(pools)})


def is_alternate(old: str, new: str) -> bool:
    """Whether the catalogue names ``new`` as something to order in the place of ``old``."""
    return new in node_model(old).alternates


def _unknown(site: Site, old: str, new: Substitute) -> list[Fault]:
    used = sorted({pool.model for pool in site.pools})
    faults = []
    if old not in used:
        hint = suggest(old, used, "models of its pools")
        faults.append(_fault(old, f"no pool of the site is of model {old!r}", hint))
    if new.model not in node_models():
        alternates = node_model(old).alternates if old in node_models() else ()
        hint = suggest(new.model, node_models(), "models")
        if alternates:
            hint += f"; alternates of {old!r}: {', '.join(alternates)}"
        faults.append(_fault(old, f"unknown model {new.model!r}", hint))
    return faults


def _pool(pool: Pool, new: Substitute, faults: list[Fault]) -> Pool:
    kept = {key: getattr(pool, key) for key in pool.model_fields_set & CHOICES}
    for key in sorted(set(new.figures) & CHOICES):
        faults.append(_fault(pool.model, f"{key!r} is no figure of a model"))
    missing = [key for key in node_model(new.model).asks if key not in new.figures]
    for key in missing:
        reason = f"{new.model!r} has no public figure for {key!r}"
        hint = f"give it: {pool.model}={new.model},{key}=..."
        faults.append(_fault(pool.model, reason, hint))
    try:
        return Pool.model_validate({**kept, "model": new.model, **new.figures})
    except ValidationError as error:
        for path, reason, hint in tell(Pool, error):
            faults.append(_fault(f"{pool.model}.{path[0]}", reason, hint))
        return pool


def _fault(path: str, reason: str, hint: str = "") -> Fault:
    return Fault(OPTION, 0, path, reason, hint)
