"""What is known of the BMC of a model: recorded trees on which the client was tried.

A recorded tree counts for a model where it is one of its own product line, with the same BMC
firmware: another machine of the same vendor proves nothing.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bloomery.catalogue.figure import Entry

Operation = Literal["facts", "media", "boot once", "power", "BIOS", "password"]
"""What is tried on a recorded tree; the columns of the table in docs/bmcs.md are called so."""

NEEDED: tuple[Operation, ...] = ("facts", "media", "boot once", "power", "BIOS", "password")
"""What an installation asks of a BMC, in the order of its phases: with one of them missing, a
machine could be left half-way."""


class RecordedTree(Entry):
    """One recorded tree that stands for the BMC of a model."""

    tree: str
    """Its name in the table of docs/bmcs.md."""
    operations: tuple[Operation, ...] = Field(min_length=1)
    """Those that pass on it, by that table."""
    source: str = Field(min_length=8)
    """Why it is a tree of this model: what the recording says of itself, or the document by which
    both have the same BMC firmware."""


class BmcEvidence(Entry):
    """What the BMC of a model was tried by. Empty: nothing."""

    proven_by: tuple[RecordedTree, ...] = ()

    @property
    def trees(self) -> tuple[str, ...]:
        """Names of the recorded trees."""
        return tuple(it.tree for it in self.proven_by)

    @property
    def missing(self) -> tuple[Operation, ...]:
        """What an installation needs and no recorded tree passes."""
        passed = {operation for it in self.proven_by for operation in it.operations}
        return tuple(operation for operation in NEEDED if operation not in passed)
