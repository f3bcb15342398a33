"""Which machines of a mixed site are faulty, how, and what must be said of each in the end."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bloomery.drivers.redfish.fake.personalities import PERSONALITIES

SHARE = 0.05
"""Of all machines; order 4, section 4."""

End = Literal["ready", "stuck", "refused"]
"""``refused``: its resource fails, because it is not the machine of the delivery list."""


@dataclass(frozen=True)
class Sickness:
    """One kind of fault, how it is made, and how an update must end for a machine that has it."""

    name: str
    lab: str = ""
    """Fault of the lab that is set before the update; empty where it is made otherwise."""
    options: Mapping[str, str] = field(default_factory=dict)
    row: Mapping[str, str] = field(default_factory=dict)
    """Cells of its line in the delivery list that are wrong."""
    power_lost: bool = False
    """Whether power is lost while it installs itself."""
    not_with: frozenset[str] = frozenset()
    """What a BMC must not be like (``progress`` of its personality) for the reason to be told."""
    end: End = "stuck"
    phases: tuple[str, ...] = ()
    """Phases it may be stuck in."""
    reason: str = ""
    """Pattern of the reason."""
    waits: str = ""
    """Phase whose time limit it uses up."""


NOT_TOLD = frozenset({"absent"})
NEVER_MOVES = frozenset({"stays"})

KINDS: tuple[Sickness, ...] = (
    Sickness(
        "hangs in POST",
        "post-hang",
        not_with=NOT_TOLD,
        phases=("install",),
        reason=r"POST has not ended",
        waits="boot",
    ),
    Sickness(
        "hangs in boot from disk",
        "boot-hang",
        not_with=NEVER_MOVES,
        phases=("reachable",),
        reason=r"waiting for ssh.*ssh:",
        waits="reachable",
    ),
    Sickness(
        "refuses ssh",
        "ssh-refused",
        not_with=NEVER_MOVES,
        phases=("reachable",),
        reason=r"waiting for ssh.*ssh:",
        waits="reachable",
    ),
    Sickness(
        "loses power while it installs",
        power_lost=True,
        not_with=NOT_TOLD,
        phases=("boot",),
        reason=r"POST has not ended",
        waits="boot",
    ),
    Sickness(
        "lies about its power",
        "power-wrong",
        phases=("identify",),
        reason=r"is powered on, does not answer",
    ),
    Sickness(
        "has its account locked",
        "account-locked",
        phases=("identify",),
        reason=r"refused|locked",
    ),
    Sickness(
        "has no session left",
        "sessions-full",
        phases=("identify",),
        reason=r"session",
        waits="identify",
    ),
    Sickness(
        "answers 500 for its media",
        "http",
        {"status": "500", "count": "1000000", "path": "VirtualMedia"},
        phases=("media",),
        reason=r"HTTP 500",
        waits="media",
    ),
    Sickness(
        "has nobody at its address",
        row={"bmc_address": "silent"},
        phases=("identify",),
        reason=r"refused|no answer|connection",
        waits="identify",
    ),
    Sickness(
        "shows another certificate",
        row={"bmc_cert_sha256": "of another machine"},
        phases=("identify",),
        reason=r"certificate|fingerprint",
    ),
    Sickness(
        "is another machine",
        row={"bmc_mac": "02:be:ff:ff"},
        end="refused",
        reason=r"MAC",
    ),
    Sickness(
        "is busy at first",
        "http",
        {"status": "503", "count": "5", "path": ""},
        end="ready",
    ),
)
"""Every kind that a personality of the lab can show."""


def choose(machines: Mapping[str, str], seed: int, share: float = SHARE) -> dict[str, Sickness]:
    """Machine -> its fault, for a share of ``machines`` (name -> personality).

    The same seed chooses the same. Kinds come in turn, so that none is left to chance.
    """
    draw = random.Random(seed)  # noqa: S311 - repeatable, guards nothing
    left = sorted(machines)
    draw.shuffle(left)
    chosen: dict[str, Sickness] = {}
    order = draw.sample(KINDS, len(KINDS))
    for number in range(round(len(machines) * share)):
        kind = order[number % len(order)]
        fits = next((name for name in left if _progress(machines[name]) not in kind.not_with), None)
        if fits is not None:
            left.remove(fits)
            chosen[fits] = kind
    return chosen


def _progress(personality: str) -> str:
    return PERSONALITIES[personality].writing.progress


@dataclass(frozen=True)
class Outcome:
    """How a machine stands after the update; ``phase`` is empty where the state has none."""

    phase: str = ""
    ready: bool = False
    reason: str = ""


def judge(
    machines: Sequence[str],
    sick: Mapping[str, Sickness],
    outcomes: Mapping[str, Outcome],
    said: str,
) -> list[str]:
    """What was told wrong, one line a machine; empty where every outcome is as it must be.

    ``said`` is all that the update said: a machine that is not well must be named there.
    """
    wrong = []
    for name in machines:
        kind = sick.get(name)
        why = _wrong(kind, outcomes.get(name), name, said)
        if why:
            wrong.append(f"{name} ({kind.name if kind else 'well'}): {why}")
    return wrong


def _wrong(kind: Sickness | None, found: Outcome | None, name: str, said: str) -> str:
    if kind is not None and kind.end == "refused":
        return _not_refused(kind, found, name, said)
    if found is None:
        return "hidden: nothing in the state"
    if kind is None or kind.end == "ready":
        return "" if found.ready else f"stuck in {found.phase}: {found.reason}"
    return _not_stuck(kind, found, name, said)


def _not_refused(kind: Sickness, found: Outcome | None, name: str, said: str) -> str:
    if found is not None:
        return f"is in the state, {found.phase} {found.reason}"
    named = "\n".join(line for line in said.splitlines() if name in line)
    return "" if re.search(kind.reason, named) else "hidden: no error names it"


def _not_stuck(kind: Sickness, found: Outcome, name: str, said: str) -> str:
    if found.ready:
        return "is called ready"
    if found.phase not in kind.phases or not re.search(kind.reason, found.reason):
        return f"wrong reason, stuck in {found.phase}: {found.reason}"
    return "" if f"{name} is stuck in {found.phase}" in said else "hidden: no line names it"
