"""The cache of media: what nobody used for a month goes, and nothing else."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest
from site_in_process import SiteInProcess

from bloomery.errors import NotReadyError
from bloomery.provider.media.kept import Removed, mark_used, remove_unused
from bloomery.provider.media.templates import Templates

NOW = datetime.datetime(2026, 12, 1, tzinfo=datetime.UTC)


def file(path: Path, size: int, days: float) -> Path:
    """A file of so many bytes, changed so many days ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    return aged(path, days)


def aged(path: Path, days: float) -> Path:
    when = (NOW - datetime.timedelta(days=days)).timestamp()
    os.utime(path, (when, when))
    return path


def test_what_was_used_of_late_stays(tmp_path: Path) -> None:
    kept = [file(tmp_path / "new.iso", 5, 29), file(tmp_path / "old-and-used.iso", 7, 90)]
    before = kept[1].stat().st_mtime_ns
    mark_used(kept[1])
    assert kept[1].stat().st_mtime_ns == before, "it is what BMCs are told of the medium"
    kept += [file(tmp_path / "0123.json", 3, 90), file(tmp_path / ".draft-now", 3, 0.9)]
    file(tmp_path / "unused.iso", 1000, 31)
    mark_used(tmp_path / "unused.iso")
    aged(tmp_path / "unused.iso.used", 31)
    file(tmp_path / "never-made.iso.used", 0, 31)
    file(tmp_path / ".draft-killed", 200, 1.1)
    file(tmp_path / ".draft-folder" / "draft.iso", 30, 2)
    aged(tmp_path / ".draft-folder", 2)
    assert remove_unused(tmp_path, NOW) == Removed(files=1, size=1230)
    assert sorted(tmp_path.iterdir()) == sorted([*kept, tmp_path / "old-and-used.iso.used"])
    assert remove_unused(tmp_path, NOW) == Removed(0, 0)
    assert remove_unused(tmp_path / "none", NOW) == Removed(0, 0)


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotReadyError, match="cannot be written") as caught:
        mark_used(tmp_path / "file" / "image.iso")
    assert "BLOOMERY_CACHE" in caught.value.next_step


async def test_a_provider_that_offers_a_medium_removes_it_and_says_so(
    shop: SiteInProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "cache"
    long_ago = datetime.datetime.now(datetime.UTC) - NOW
    unused = file(folder / "unused.iso", 12_345, 31 - long_ago / datetime.timedelta(days=1))
    shop.images._folder = folder
    shop.context._templates = Templates(folder, shop.images)
    assert (await shop.up())["ready"] is True
    assert not unused.exists()
    said = "removed from the cache: 1 media unused for 30 days, 12,345 bytes"
    assert shop.log.of("info").count(said) == 1
    assert len(list(folder.glob("*.iso"))) == 2, "the image and its template"
