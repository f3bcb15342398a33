"""The modules of our own, run as programmes on this machine."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import yaml

from bloomery.drivers.ansible import client
from bloomery.drivers.ansible.protocol import Job, Target
from bloomery.records import HostResult

ROOT = Path(__file__).resolve().parents[2] / "ansible"


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs one task of a module of ours here, without ssh."""
    content = tmp_path / "content"
    (content / "playbooks").mkdir(parents=True)
    (content / "library").symlink_to(ROOT / "library")
    monkeypatch.setattr(client, "content_root", lambda: content)

    async def run(module: str, arguments: dict[str, object], **fields: object) -> HostResult:
        tasks = [{"name": "Try", module: arguments, "register": "said"}]
        told = {"data": {"said": "{{ said | to_json }}"}, "aggregate": False}
        tasks.append({"ansible.builtin.set_stats": told})
        play = [{"hosts": "all", "gather_facts": False, "tasks": tasks}]
        (content / "playbooks/one.yml").write_text(yaml.safe_dump(play))
        here = Target("127.82.0.1", 22, "x", "k", (), {"ansible_connection": "local"})
        job = dataclasses.replace(Job("one", {"one": here}, "key"), **fields)  # type: ignore[arg-type]
        result = await client.run(job, lambda _: None)
        run.said = json.loads(result.outputs.get("said", "{}"))  # type: ignore[attr-defined]
        return result.hosts["one"]

    return run


async def test_files_are_placed_with_their_folders_once(play, tmp_path):
    file = tmp_path / "a/b/c.conf"
    wanted = {"files": [{"path": str(file), "content": "x = 1\n", "mode": "0640"}]}
    assert (await play("place_files", wanted, check=True)).changed == 1
    assert not file.exists()
    assert (await play("place_files", wanted)).changed == 1
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("x = 1\n", 0o640)
    assert (await play("place_files", wanted)).changed == 0


@pytest.mark.parametrize("spoil", ["content", "mode", "link"])
async def test_a_file_that_was_changed_is_found(play, tmp_path, spoil):
    file = tmp_path / "c.conf"
    wanted = {"files": [{"path": str(file), "content": "x\n"}]}
    await play("place_files", wanted)
    if spoil == "content":
        file.write_text("y\n")
    elif spoil == "mode":
        file.chmod(0o666)
    else:
        file.rename(tmp_path / "elsewhere")
        file.symlink_to(tmp_path / "elsewhere")
    assert (await play("place_files", wanted)).changed == 1
    assert file.read_text() == "x\n"
    assert not file.is_symlink()


async def test_what_does_not_validate_never_gets_into_place(play, tmp_path):
    file = tmp_path / "c.conf"
    file.write_text("good\n")
    bad = {"path": str(file), "content": "bad\n", "validate": "/usr/bin/grep -q good %s"}
    host = await play("place_files", {"files": [bad]})
    assert host.failed == 1
    assert "is not valid" in host.reason
    assert file.read_text() == "good\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.conf", "content"]


async def test_a_setting_that_holds_is_left_alone_and_an_unknown_one_is_named(play):
    domain = Path("/proc/sys/kernel/osrelease").read_text().strip()
    assert (await play("sysctl_live", {"settings": {"kernel.osrelease": domain}})).changed == 0
    host = await play("sysctl_live", {"settings": {"kernel.no_such": 1}})
    assert "this kernel has no setting kernel.no_such" in host.reason


async def test_a_container_reports_what_it_may_not_set(play):
    """Even root may not write this one, as a container may not write most."""
    wanted = {"settings": {"kernel.osrelease": "other", "kernel.no_such": 1}}
    host = await play("sysctl_live", {**wanted, "shared_kernel": True})
    assert (host.failed, host.changed) == (0, 0)
    assert play.said["left"] == ["kernel.no_such", "kernel.osrelease"]
    assert (await play("sysctl_live", wanted)).failed == 1
