"""All rules, and their application to a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bloomery.check import (
    bmc_evidence,
    cluster,
    coolant_parts,
    coolant_safety,
    coolant_spare,
    cooling,
    fabric,
    fabric_numbers,
    fabric_sizes,
    identity,
    machine_kind,
    network,
    power,
    rack,
    rack_scale,
    software_sets,
    storage,
)
from bloomery.check.note import Note, Severity
from bloomery.check.preconditions import Precondition
from bloomery.check.rule import Rule
from bloomery.plan.model import Plan

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *identity.RULES,
            *rack.RULES,
            *rack_scale.RULES,
            *bmc_evidence.RULES,
            *power.RULES,
            *network.RULES,
            *machine_kind.RULES,
            *cooling.RULES,
            *coolant_spare.RULES,
            *coolant_safety.RULES,
            *coolant_parts.RULES,
            *fabric.RULES,
            *fabric_numbers.RULES,
            *fabric_sizes.RULES,
            *storage.RULES,
            *cluster.RULES,
            *(one.rule for one in software_sets.SET_RULES),
        ),
        key=lambda rule: (rule.id[0], int(rule.id[1:])),
    )
)
"""Every rule, by id."""


def review(plan: Plan) -> tuple[Note, ...]:
    """All notes on ``plan``: errors first, then by rule. Empty when every rule holds.

    A rule holds as well where there is nothing for it to judge: ``unjudged`` names those.
    """
    notes = [note for rule in RULES for note in rule.apply(plan)]
    return tuple(sorted(notes, key=lambda note: note.severity is not Severity.ERROR))


def unjudged(plan: Plan) -> Mapping[Precondition, tuple[Rule, ...]]:
    """What ``plan`` lacks, and the rules that therefore judge nothing."""
    silent: dict[Precondition, list[Rule]] = {}
    for rule in RULES:
        if precondition := rule.lacks(plan):
            silent.setdefault(precondition, []).append(rule)
    return {precondition: tuple(rules) for precondition, rules in silent.items()}


@dataclass(frozen=True)
class InPart:
    """Rules that judge some devices and pass others by, for one reason."""

    rules: tuple[Rule, ...]
    devices: tuple[str, ...]
    """Those that are passed by."""


def judged_in_part(plan: Plan) -> Mapping[Precondition, InPart]:
    """What some devices of ``plan`` lack, and the rules that therefore say nothing of them."""
    partial: dict[Precondition, list[Rule]] = {}
    for rule in RULES:
        for precondition in rule.passes_by(plan):
            partial.setdefault(precondition, []).append(rule)
    return {it: InPart(tuple(rules), tuple(it.without(plan))) for it, rules in partial.items()}


def errors(notes: Iterable[Note]) -> tuple[Note, ...]:
    """The notes that stop a stack."""
    return tuple(note for note in notes if note.severity is Severity.ERROR)
