"""Spans of bytes, against sets of numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bloomery.provider.media.spans import Spans

SPAN = st.tuples(st.integers(0, 40), st.integers(0, 40))


def plain(spans: list[tuple[int, int]]) -> set[int]:
    return {number for start, stop in spans for number in range(start, stop)}


@given(ones=st.lists(SPAN), others=st.lists(SPAN), more=SPAN)
def test_they_are_sets_of_numbers(
    ones: list[tuple[int, int]], others: list[tuple[int, int]], more: tuple[int, int]
) -> None:
    spans = Spans.of(ones)
    assert plain(list(spans.joined)) == plain(ones)
    assert len(spans) == len(plain(ones))
    assert spans.cover(Spans.of(others)) == (plain(others) <= plain(ones))
    assert plain(list(spans.with_span(*more).joined)) == plain([*ones, more])
    assert plain(list(spans.both(Spans.of(others)).joined)) == plain(ones) & plain(others)
    assert Spans.parse(str(spans)) == spans
    gaps = zip(spans.joined, spans.joined[1:], strict=False)
    assert all(before[1] < after[0] for before, after in gaps), "not joined"


def test_they_read_as_ranges() -> None:
    assert str(Spans.of([(4096, 8192), (0, 1), (1, 2048)])) == "0-2047,4096-8191"
    assert str(Spans()) == ""
    with pytest.raises(ValueError):
        Spans.parse("33 spans")
