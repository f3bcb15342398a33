"""What was read of one medium, and what the journal of its machine says of that.

A line for every request would bury everything else: one is written when a further tenth
was read, and when the whole was. That a seed was read is on disk before its last bytes go
out: no machine can be installed without the journal knowing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bloomery.provider.journal import Event, Journal
from bloomery.provider.media.medium import Medium
from bloomery.provider.media.spans import Spans

OFFERED: tuple[str, Event] = ("medium", "intent")
"""Journal line: a medium is about to be offered; ``attempt`` and ``port`` name its URL."""

READ: tuple[str, Event] = ("medium", "verified")
"""Journal line: how much of it was read so far, and which bytes."""

SEED_READ: tuple[str, Event] = ("media", "verified")
"""Journal line: the machine has read all of its seed at least once, so it can be installed."""

STEPS = 10
"""Lines for one medium that is read from end to end."""

SPANS_TOLD = 32
"""Most spans in one line; a reader that jumps about is told by their number."""


@dataclass
class Reading:
    """One medium offered once."""

    medium: Medium
    journal: Journal
    generation: int
    attempt: int
    seed_read: bool = False
    """All bytes of the seed went out at least once; True from the start where the journal of
    an earlier process knows it."""
    spans: Spans = field(default_factory=Spans)
    """Bytes that went out."""
    requests: int = 0
    """Ranges asked for in this process."""
    _begun: Spans = field(default_factory=Spans)
    """Bytes that went out or are about to."""
    _told: Spans = field(default_factory=Spans)

    def sends(self, start: int, stop: int) -> None:
        """Note that these bytes go out next. Raises OSError when that cannot be written down."""
        begun = self._begun.with_span(start, stop)
        if not self.seed_read and begun.cover(self.medium.seed):
            self.journal.write(*SEED_READ, generation=self.generation, attempt=self.attempt)
            self.seed_read = True
        self._begun = begun

    def sent(self, start: int, stop: int) -> None:
        """Note that they went out. Raises OSError when that cannot be written down."""
        self.spans, size = self.spans.with_span(start, stop), self.medium.size
        if (
            not self._told.joined
            or len(self.spans) * STEPS // size > len(self._told) * STEPS // size
        ):
            self._tell(self.spans)

    def ends(self) -> None:
        """Nobody reads it any more: write down what is not yet."""
        if self.spans != self._told:
            self._tell(self.spans)

    def _tell(self, spans: Spans) -> None:
        size = self.medium.size
        many = len(spans.joined) > SPANS_TOLD
        self.journal.write(
            *READ,
            generation=self.generation,
            attempt=self.attempt,
            read=len(spans),
            of=size,
            whole=int(len(spans) == size),
            spans=f"{len(spans.joined)} spans" if many else str(spans),
        )
        self._told = spans
