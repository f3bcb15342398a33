"""Which bytes of something: half-open spans, kept sorted and joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Span = tuple[int, int]
"""First byte, and the one after the last."""


@dataclass(frozen=True)
class Spans:
    """A set of bytes."""

    joined: tuple[Span, ...] = ()

    @classmethod
    def of(cls, spans: Iterable[Span]) -> Spans:
        """Spans in any order, overlapping or not; empty ones are left out."""
        return cls(tuple(_join(sorted(span for span in spans if span[0] < span[1]))))

    @classmethod
    def parse(cls, text: str) -> Spans:
        """As ``str`` writes them. Raises ValueError for any other text."""
        found = (one.partition("-") for one in text.split(",") if text)
        return cls.of((int(first), int(last) + 1) for first, _, last in found)

    def __len__(self) -> int:
        return sum(stop - start for start, stop in self.joined)

    def __str__(self) -> str:
        """As ranges are written in requests: ``0-2047,4096-8191``."""
        return ",".join(f"{start}-{stop - 1}" for start, stop in self.joined)

    def with_span(self, start: int, stop: int) -> Spans:
        """These bytes and those of one more span."""
        return Spans.of([*self.joined, (start, stop)])

    def both(self, others: Spans) -> Spans:
        """Bytes that are among these and among ``others``."""
        pairs = ((one, other) for one in self.joined for other in others.joined)
        return Spans.of((max(a[0], b[0]), min(a[1], b[1])) for a, b in pairs)

    def cover(self, others: Spans) -> bool:
        """Whether all bytes of ``others`` are among these."""
        return len(Spans.of([*self.joined, *others.joined])) == len(self)


def _join(spans: Iterable[Span]) -> Iterator[Span]:
    begin = end = -1
    for start, stop in spans:
        if start > end:
            if end > begin:
                yield begin, end
            begin = start
        end = max(end, stop)
    if end > begin:
        yield begin, end
