"""What was read of one medium, and what the journal of its machine says of that.

A line for every request would bury everything else: one is written when a further tenth
was read, and when the whole was. Of the seed, which is a few kilobytes, the journal knows each
byte before it goes out, and so when the last ones do: no machine can be installed without the
journal knowing, also where it reads the seed from one process after another.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bloomery.provider.journal import Entry, Event, Journal
from bloomery.provider.media.medium import Medium
from bloomery.provider.media.spans import Spans

OFFERED: tuple[str, Event] = ("medium", "intent")
"""Journal line: a medium is about to be offered; ``attempt`` and ``port`` name its URL."""

READ: tuple[str, Event] = ("medium", "verified")
"""Journal line: how much of it was read so far, and which bytes."""

SEED_PART: tuple[str, Event] = ("seed", "verified")
"""Journal line: which bytes of the ``seed`` went out or are about to, to whatever process was
asked; those of another process count where the seed lies at the same place of the medium."""

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
    """Bytes that went out, earlier processes included as far as the journal knows."""
    requests: int = 0
    """Ranges asked for in this process."""
    _seed: Spans = field(default_factory=Spans)
    """Bytes of the seed that went out or are about to."""
    _told: Spans = field(default_factory=Spans)

    def resume(self) -> None:
        """Begin with what earlier processes wrote down of this offer."""
        self._told = self.spans = _spans(self._newest(READ, of=self.medium.size))
        # Where the seed lies elsewhere by now, its bytes are others than those that went out.
        self._seed = _spans(self._newest(SEED_PART, seed=str(self.medium.seed)))

    def _newest(self, kind: tuple[str, Event], **same: str | int) -> Entry | None:
        """Newest line of a kind since this medium was offered that is of the same medium."""
        found = None
        for entry in self.journal.entries():
            if (entry.phase, entry.event) == OFFERED:
                found = None
            elif (entry.phase, entry.event) == kind and same.items() <= entry.data.items():
                found = entry
        return found

    def sends(self, start: int, stop: int) -> None:
        """Note that these bytes go out next. Raises OSError when that cannot be written down."""
        seed = self.medium.seed
        part = self._seed.with_span(start, stop).both(seed)
        if self.seed_read or part == self._seed:
            return
        if part == seed:
            self.journal.write(*SEED_READ, generation=self.generation, attempt=self.attempt)
            self.seed_read = True
        else:
            self.journal.write(
                *SEED_PART,
                generation=self.generation,
                attempt=self.attempt,
                spans=str(part),
                seed=str(seed),
            )
        self._seed = part

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


def _spans(entry: Entry | None) -> Spans:
    """Spans of a line; none where there is no line, or it tells how many only."""
    try:
        return Spans.parse(str(entry.data["spans"])) if entry else Spans()
    except (KeyError, ValueError):
        return Spans()
