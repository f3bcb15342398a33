"""Every release of the catalogue is read by the reader of people's files, without a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from bloomery.catalogue import release, release_names
from bloomery.catalogue.figure import folder_texts
from bloomery.errors import FaultsError
from bloomery.site.release_file import load_release


@pytest.mark.parametrize("name", release_names())
def test_a_release_of_the_catalogue(name: str) -> None:
    assert load_release(name) == release(name)


def test_one_in_a_file_has_the_name_of_its_file(tmp_path: Path) -> None:
    text = folder_texts("releases")["amd-2026.07"]
    own = tmp_path / "own.yaml"
    own.write_text(text.replace("name: amd-2026.07", "name: own"))
    assert load_release(str(own)).name == "own"
    own.write_text(text)
    with pytest.raises(FaultsError, match=r"own.yaml:1 name: name 'amd-2026.07' is not that of"):
        load_release(str(own))


def test_the_page_of_releases_names_those_with_a_software_set() -> None:
    page = (Path(__file__).parents[3] / "docs" / "releases.md").read_text()
    sets = [name for name in release_names() if release(name).software]
    assert len(sets) >= 5
    assert [name for name in sets if f"`{name}`" not in page] == []
