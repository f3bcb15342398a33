"""A claim: something a component says holds, to be measured when all is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import pulumi

Told: TypeAlias = "Mapping[str, pulumi.Input[object]]"
"""Inputs of a claim by name; values of other resources among them."""


@dataclass(frozen=True)
class Claim:
    """One claim; ``provider/acceptance/<kind>.py`` measures it."""

    kind: str
    subject: str
    """What it is about; once per kind."""
    inputs: Told
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Inputs that are encrypted in the state and shown to nobody."""


def claim_inputs(claims: Iterable[Claim]) -> dict[str, object]:
    """``claims`` and ``secrets`` of the Acceptance resource.

    What is the same of all claims of a kind is told once, not once a claim. Raises ValueError
    where two claims of a kind are about one subject.
    """
    by_kind: dict[str, dict[str, Told]] = {}
    secrets: dict[str, dict[str, object]] = {}
    for claim in claims:
        subjects = by_kind.setdefault(claim.kind, {})
        if claim.subject in subjects:
            raise ValueError(f"{claim.kind} is claimed twice of {claim.subject}")
        subjects[claim.subject] = claim.inputs
        if claim.secrets:
            secrets.setdefault(claim.kind, {})[claim.subject] = dict(claim.secrets)
    wire = {kind: _of_kind(subjects) for kind, subjects in by_kind.items()}
    return {"claims": wire, **({"secrets": pulumi.Output.secret(secrets)} if secrets else {})}


def _of_kind(subjects: Mapping[str, Told]) -> dict[str, object]:
    first, *others = subjects.values()
    every = {
        key: value
        for key, value in first.items()
        if others
        and not isinstance(value, pulumi.Output)
        and all(_has(it, key, value) for it in others)
    }
    beyond = {
        subject: {key: value for key, value in inputs.items() if key not in every}
        for subject, inputs in subjects.items()
    }
    return {"every": every, "subjects": beyond}


def _has(inputs: Told, key: str, value: object) -> bool:
    other = inputs.get(key)
    return not isinstance(other, pulumi.Output) and other == value
