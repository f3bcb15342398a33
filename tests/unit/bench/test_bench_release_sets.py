"""The bench of software sets measures every release that has some, against the limit."""

from __future__ import annotations

from bench import release_sets
from bloomery.catalogue import release, release_names


def test_every_release_with_a_set_is_measured() -> None:
    rows = list(release_sets.rows(lambda _: None, quick=True))
    assert {row.size for row in rows} == {
        name for name in release_names() if release(name).software
    }
    assert {row.target for row in rows if row.what == "solve a release"} == {release_sets.TARGET}
    assert all(row.ours is not None and min(row.ours.values) >= 0 for row in rows)
