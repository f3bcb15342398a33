"""``find_site``: what a person types becomes a directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from bloomery.errors import InputError
from bloomery.site import ENV_INVENTORIES, find_site


def site_at(directory: Path) -> Path:
    directory.mkdir(parents=True)
    (directory / "site.yaml").write_text("site: x\n", encoding="utf-8")
    return directory


def test_name_below_here_comes_back_short(tmp_path: Path) -> None:
    site_at(tmp_path / "inventories" / "kyiv")
    assert find_site("kyiv", {}, tmp_path) == Path("inventories/kyiv")


def test_name_in_a_parent(tmp_path: Path) -> None:
    there = site_at(tmp_path / "inventories" / "kyiv")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert find_site("kyiv", {}, deep) == there


def test_name_by_environment_comes_last(tmp_path: Path) -> None:
    far = site_at(tmp_path / "far" / "kyiv").parent
    site_at(tmp_path / "far" / "lviv")
    here = tmp_path / "here"
    site_at(here / "inventories" / "kyiv")
    env = {ENV_INVENTORIES: str(far)}
    assert find_site("kyiv", env, here) == Path("inventories/kyiv")
    assert find_site("lviv", env, here) == far / "lviv"


def test_path_as_given(tmp_path: Path) -> None:
    there = site_at(tmp_path / "somewhere" / "kyiv")
    assert find_site(str(there), {}, tmp_path) == there
    assert find_site("somewhere/kyiv", {}, tmp_path) == Path("somewhere/kyiv")
    assert find_site(".", {}, there) == Path()


def test_a_folder_that_is_no_site_does_not_hide_one(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    site_at(tmp_path / "inventories" / "lab")
    assert find_site("lab", {}, tmp_path) == Path("inventories/lab")


def test_unknown_name_is_guessed(tmp_path: Path) -> None:
    site_at(tmp_path / "inventories" / "kyiv")
    with pytest.raises(InputError, match=r"unknown site 'kiyv'; next: did you mean 'kyiv'\?"):
        find_site("kiyv", {}, tmp_path)


def test_nothing_there_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"write inventories/kyiv/site\.yaml, or set BLOOMERY_"):
        find_site("kyiv", {}, tmp_path)
