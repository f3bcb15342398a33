"""What a seal is made from. Somebody else gathered it; nothing here looks around."""

from __future__ import annotations

from dataclasses import dataclass

from bloomery.evidence.history import Update
from bloomery.evidence.measurement import Filed
from bloomery.evidence.policy import PolicyReport


@dataclass(frozen=True)
class Provenance:
    """Who changed what. Empty fields are not known."""

    commit: str = ""
    """Commit of the checkout the site was brought up from."""
    author: str = ""
    """Author of that commit, ``Name <mail>``."""
    operator: str = ""
    """Login that sealed."""
    dirty: bool = True
    """Whether the checkout held changes that are in no commit."""


@dataclass(frozen=True)
class Facts:
    """Everything one record can rest on."""

    site: str
    plan_digest: str
    """Digest of the plan the site's files give now."""
    provenance: Provenance
    history: tuple[Update, ...] | None
    """Whole history of the stack, oldest first; None when it could not be read."""
    measurements: tuple[Filed, ...]
    policies: PolicyReport | None = None
    """None when no policy was run."""
