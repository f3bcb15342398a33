"""How a subject stands after it was worked on: ready, or stuck with a reason and a next step.

A subject that is stuck is a result, no failure: the engine stops starting work after a failed
resource, and one machine must never stop the others.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeAlias

from bloomery.provider.journal import utc_now
from bloomery.provider.phases.work import Stuck
from bloomery.provider.values import Value

READY = "ready"

Outputs: TypeAlias = "dict[str, Value]"


@dataclass(frozen=True)
class Standing:
    """How a subject stands."""

    phase: str
    """Phase it is in; the last one when all went well."""
    reason: str = ""
    """Why it is stuck there; empty when it is not."""
    next_step: str = ""

    @property
    def ready(self) -> bool:
        """Whether all went well."""
        return not self.reason

    def outputs(self, before: Value = None) -> Outputs:
        """Outputs of its resource. ``before`` is the ``standing`` it had: one that still holds
        is kept, so that looking at a thing is no change.
        """
        said = READY if self.ready else f"stuck in {self.phase}: {self.reason}"
        said += f"; next: {self.next_step}" if self.next_step else ""
        kept = isinstance(before, str) and before.partition(" ")[2] == said
        at = utc_now().strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "phase": self.phase,
            "ready": self.ready,
            "reason": self.reason,
            "nextStep": self.next_step,
            "standing": before if kept else f"{at} {said}",
        }


async def softly(work: Awaitable[None], last_phase: str) -> Standing:
    """Do ``work``: where it ends stuck, that is how the subject stands."""
    try:
        await work
    except Stuck as stuck:
        return Standing(stuck.phase, stuck.reason, stuck.next_step)
    return Standing(last_phase)


def stuck_in(standing: str) -> str:
    """Where, why and what next of a subject, by its ``standing``; empty when it is ready."""
    said = standing.partition(" ")[2]
    return "" if said == READY else said or "its resource reports no status"
