"""Bad input and the exact text of its faults.

A case is ``NAME.yaml`` (a bad site.yaml) or ``NAME.csv`` (a bad machines.csv), or both,
and ``NAME.txt``: what a person is told. The other file comes from ``base/``, which is
good. ``NAME.national.yaml`` stands beside the site's directory, which is called ``kyiv``.
``BLOOMERY_REWRITE=1 pytest tests/wrong`` writes the texts, for a person to read.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bloomery.errors import FaultsError
from bloomery.site import MACHINES_FILE, SITE_FILE, load
from bloomery.site.national.national_file import NATIONAL_FILE

HERE = Path(__file__).parent
REWRITE = os.environ.get("BLOOMERY_REWRITE") == "1"
CASES = sorted(
    {file.name.partition(".")[0] for kind in ("*.yaml", "*.csv") for file in HERE.glob(kind)}
)


def lay_out(case: str, directory: Path) -> None:
    directory.mkdir(exist_ok=True)
    national = HERE / f"{case}.national.yaml"
    if national.exists():
        shutil.copyfile(national, directory.parent / NATIONAL_FILE)
    for name, suffix in ((SITE_FILE, ".yaml"), (MACHINES_FILE, ".csv")):
        own = HERE / f"{case}{suffix}"
        shutil.copyfile(own if own.exists() else HERE / "base" / name, directory / name)


def faults_of(directory: Path, monkeypatch: pytest.MonkeyPatch) -> FaultsError:
    monkeypatch.chdir(directory)
    with pytest.raises(FaultsError) as caught:
        load(".")
    return caught.value


@pytest.mark.parametrize("case", CASES)
def test_wrong(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(case, tmp_path / "kyiv")
    text = f"{faults_of(tmp_path / 'kyiv', monkeypatch)}\n"
    expected = HERE / f"{case}.txt"
    if REWRITE:
        expected.write_text(text, encoding="utf-8")
    assert expected.read_text(encoding="utf-8") == text


def test_base_is_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that each case fails for its own reason and for no other."""
    lay_out("base/none", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert len(load(".").machines) == 2


def test_every_text_has_a_case() -> None:
    assert {file.stem for file in HERE.glob("*.txt")} == set(CASES)


@pytest.mark.parametrize("name", [SITE_FILE, MACHINES_FILE])
def test_file_missing(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out("base/none", tmp_path)
    (tmp_path / name).unlink()
    error = faults_of(tmp_path, monkeypatch)
    assert str(error) == f"{name}:0 (file): cannot be read: No such file or directory"


@pytest.mark.parametrize("name", [SITE_FILE, MACHINES_FILE])
def test_file_not_utf8(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out("base/none", tmp_path)
    (tmp_path / name).write_bytes(b"site: \xff\xfe\n")
    error = faults_of(tmp_path, monkeypatch)
    assert str(error) == f"{name}:0 (file): not UTF-8; byte 6 cannot be read"
