"""The build of llama-server: one place, never half a build."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from bloomery.errors import LabError, NotReadyError
from bloomery.lab import llama
from bloomery.lab.cgroup import Cgroup

NINJA = """#!/bin/sh
# What ninja does as far as the build sees it: says its steps, leaves a programme.
for step in 1 2 3 4; do echo "[$step/4] Building"; done
[ -e {broken} ] && echo "error: no such header" && exit 1
mkdir -p "$2/bin" && cp /bin/true "$2/bin/llama-server"
"""


@pytest.fixture
def builder() -> Iterator[Cgroup]:
    """A control group of the test's own."""
    group = Cgroup.of(f"t82-{uuid.uuid4().hex[:8]}")
    yield group
    group.remove()


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sources already fetched, and a compiler that is quick. Returns a switch that breaks it."""
    programmes = tmp_path / "bin"
    programmes.mkdir()
    broken = tmp_path / "broken"
    for name, text in {"ninja": NINJA.format(broken=broken), "cmake": "#!/bin/sh\n"}.items():
        (programmes / name).write_text(text)
        (programmes / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programmes}:{os.environ['PATH']}")
    monkeypatch.setattr(llama, "_source", lambda draft, crew: draft)
    return broken


def test_it_is_built_once_and_said_as_it_goes(tmp_path, builder, tools):
    told: list[str] = []
    package = llama.ensure_package(tmp_path / "c", tmp_path / "c/files", builder, told.append)
    assert package.read_bytes()[:7] == b"!<arch>"
    assert package == llama.package_path(tmp_path / "c/files")
    assert told[-1] == "llama-server: ready"
    assert "llama-server: compiled 50%" in told
    told.clear()
    assert llama.ensure_package(tmp_path / "c", tmp_path / "c/files", builder, told.append)
    assert told == []


def test_the_same_programme_gives_the_same_package(tmp_path, builder, tools):
    made = [
        llama.ensure_package(tmp_path / n, tmp_path / n / "files", builder, lambda _: None)
        for n in ("a", "b")
    ]
    assert made[0].read_bytes() == made[1].read_bytes()


def test_a_build_that_fails_leaves_nothing_to_be_used(tmp_path, builder, tools):
    tools.touch()
    cache, files = tmp_path / "c", tmp_path / "c/files"
    with pytest.raises(LabError, match="no such header"):
        llama.ensure_package(cache, files, builder, lambda _: None)
    assert not llama.package_path(files).exists()
    # what a killed build left is no start of the next one
    (cache / "llama-draft" / "build").mkdir(parents=True, exist_ok=True)
    (cache / "llama-draft" / "build" / "stale").touch()
    tools.unlink()
    assert llama.ensure_package(cache, files, builder, lambda _: None).is_file()
    assert not (cache / "llama-draft").exists()


def test_missing_tools_are_named_before_anything_starts(tmp_path, builder, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotReadyError, match=r"g\+\+, cmake, ninja"):
        llama.ensure_package(tmp_path / "c", tmp_path / "f", builder, lambda _: None)


def test_the_key_follows_sources_and_flags(monkeypatch):
    before = llama.build_key()
    monkeypatch.setattr(llama, "SHA256", "0" * 64)
    assert llama.build_key() != before
    monkeypatch.undo()
    monkeypatch.setattr(llama, "FLAGS", (*llama.FLAGS, "-DX=1"))
    assert llama.build_key() != before
