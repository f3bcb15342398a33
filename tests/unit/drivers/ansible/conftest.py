"""A small tree of playbooks, and a proof that a run leaves nothing behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_trial import PLAYBOOKS, workspaces

from bloomery.drivers.ansible import client, jail
from bloomery.drivers.ansible.jail import Jail


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A content root of its own, which the client uses instead of the real one."""
    root = tmp_path / "content"
    (root / "playbooks").mkdir(parents=True)
    (root / "roles").mkdir()
    (root / "library").mkdir()
    for name, text in PLAYBOOKS.items():
        (root / "playbooks" / f"{name}.yml").write_text(text)
    monkeypatch.setattr(client, "content_root", lambda: root)
    return root


@pytest.fixture
def no_traces() -> Iterator[None]:
    """The test leaves no workspace and no cgroup behind."""
    yield
    assert workspaces(os.getpid()) == []
    mine = f"{jail.PREFIX}{os.getpid()}-"
    assert not [path for base in jail._own_groups() for path in base.glob(f"{mine}*")]


@pytest.fixture(params=["cgroup", "no cgroup"])
def either_jail(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With a cgroup, and as on a machine that allows none."""
    kind = str(request.param)
    if kind == "no cgroup":
        monkeypatch.setattr(Jail, "make", classmethod(lambda cls, token: cls(None)))
    elif Jail.make("probe").path is None:
        pytest.fail("this machine lets the tests make no cgroup; run them as root")
    else:
        for base in jail._own_groups():
            probe = base / f"{jail.PREFIX}probe"
            if probe.is_dir():
                probe.rmdir()
    return kind
