"""What an Acceptance resource was told: claims by kind, and what was told once for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bloomery.plan.wire import from_wire
from bloomery.provider.acceptance.claim import Claim
from bloomery.provider.values import Props, settled


@dataclass(frozen=True)
class ClaimsOfKind:
    """All claims of one kind, as they cross the engine."""

    subjects: Mapping[str, Mapping[str, object]]
    """Subject -> its inputs."""
    every: Mapping[str, object] = field(default_factory=dict)
    """Inputs that are the same of all of them, told once."""


@dataclass(frozen=True)
class AcceptanceInput:
    """Inputs of an Acceptance resource, all known."""

    plan_digest: str
    claims: Mapping[str, ClaimsOfKind]
    """Kind -> its claims."""
    secrets: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict, repr=False)
    """Kind -> subject -> inputs that are shown to nobody."""

    @classmethod
    def of(cls, news: Props) -> AcceptanceInput:
        """From wire properties. Raises ValueError naming what is missing or unknown."""
        return from_wire(cls, settled(news))

    def by_kind(self) -> Mapping[str, Sequence[Claim]]:
        """Claims of each kind, both in the order of their names."""
        return {kind: tuple(self._claims(kind)) for kind in sorted(self.claims)}

    def _claims(self, kind: str) -> Sequence[Claim]:
        found, secrets = self.claims[kind], self.secrets.get(kind, {})
        return [
            Claim(kind, subject, {**found.every, **inputs}, secrets.get(subject, {}))
            for subject, inputs in sorted(found.subjects.items())
        ]
