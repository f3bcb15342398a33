"""A claim, what measuring it gives, and how the kinds of claims are found."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar, cast

import bloomery.provider.acceptance as here
from bloomery.errors import BloomeryError
from bloomery.plan.wire import Wire, from_wire
from bloomery.provider.context import Context
from bloomery.records import Attachment, Outcome, Verdict

T = TypeVar("T")


@dataclass(frozen=True)
class Claim:
    """Something that a component says holds, to be measured at the end."""

    kind: str
    """Name of the file that measures it."""
    subject: str
    """What it is about: a machine, a run, an address."""
    inputs: Mapping[str, object]
    """What the kind needs to measure it, as plain data."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Inputs that are shown to nobody."""

    def read(self, cls: type[T]) -> T:
        """The inputs as the dataclass ``cls`` of a kind. ValueError names what does not fit."""
        return from_wire(cls, cast("Mapping[str, Wire]", self.inputs))


@dataclass(frozen=True)
class Measured:
    """What measuring all claims of one kind gave."""

    verdicts: tuple[Verdict, ...]
    """At least one a claim, with its subject."""
    attachments: tuple[Attachment, ...] = ()
    """What was seen beyond the verdicts, for people to read."""


Measure = Callable[[Context, Sequence[Claim]], Awaitable[Measured]]
"""Measures all claims of one kind. What cannot be measured is a verdict that says so."""

OF_THE_ROOM = frozenset({"claim", "handler", "inputs", "written"})
"""Files here that are no kind."""


@cache
def kinds() -> frozenset[str]:
    """Kinds of claims that can be measured, by the names of their files."""
    return frozenset(module.name for module in pkgutil.iter_modules(here.__path__)) - OF_THE_ROOM


async def measure(context: Context, kind: str, claims: Sequence[Claim]) -> Measured:
    """Verdicts on all claims of ``kind``: whatever keeps one from being measured, it has one.

    A kind nobody can measure, a claim whose inputs cannot be read and a claim that its kind said
    nothing of are not measured, each with the reason.
    """
    if kind not in kinds():
        return _unmeasured(claims, f"claims of kind {kind!r} cannot be measured by this version")
    found = importlib.import_module(f"{here.__name__}.{kind}")
    try:
        made = await cast("Measure", found.measure)(context, claims)
    except ValueError as error:  # from_wire's: an input is missing or of another type
        return _unmeasured(claims, f"its inputs cannot be read: {error}")
    except BloomeryError as error:
        return _unmeasured(claims, str(error))
    named = {verdict.subject for verdict in made.verdicts}
    silent = [claim for claim in claims if claim.subject not in named]
    left = _unmeasured(silent, "no result was reported")
    return Measured((*made.verdicts, *left.verdicts), made.attachments)


def _unmeasured(claims: Sequence[Claim], reason: str) -> Measured:
    return Measured(
        tuple(
            Verdict(f"acceptance.{claim.kind}", claim.subject, Outcome.NOT_MEASURED, reason)
            for claim in claims
        )
    )
