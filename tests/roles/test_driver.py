"""The driver over ssh: what only real hosts can show."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import time
from pathlib import Path

import pytest

from bloomery.drivers.ansible import client, workspace

SLOW = """
- hosts: all
  gather_facts: false
  tasks:
    - name: Take a while
      ansible.builtin.command: sleep {{ seconds }}
      changed_when: false
    - name: Go on
      ansible.builtin.command: "true"
      changed_when: false
"""


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A content root whose one playbook takes a while."""
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks/slow.yml").write_text(SLOW)
    monkeypatch.setattr(client, "content_root", lambda: tmp_path)


def job(lab, seconds: int, **fields: object):
    plain = lab.job("base", {}, given={"seconds": str(seconds)})
    return dataclasses.replace(plain, playbook="slow", **fields)


def ssh_processes() -> list[str]:
    """Command lines of ssh, masters included, that use a workspace of a run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if "ssh" in words and f"{workspace.shelf()}/{os.getpid()}-" in words:
                found.append(words)
    return found


async def test_a_timeout_leaves_no_connection_behind(lab, slow):
    running = asyncio.create_task(client.run(job(lab, 300, timeout=12), lambda _: None))
    for _ in range(100):
        await asyncio.sleep(0.1)
        if len(ssh_processes()) >= 4:
            break
    assert len(ssh_processes()) >= 4
    result = await running
    assert {host.reason for host in result.hosts.values()} == {"not done within 12 s"}
    assert ssh_processes() == []


async def test_a_host_that_loses_power_is_unreachable_soon_and_stops_nobody(lab, slow):
    told: list[str] = []
    running = asyncio.create_task(client.run(job(lab, 30), told.append))
    while len(ssh_processes()) < 4:
        await asyncio.sleep(0.1)
    await asyncio.sleep(3)
    begun = time.monotonic()
    await asyncio.to_thread(lab.bench.fault, "power-cut", "serve-01")
    try:
        while not any("unreachable" in line for line in told):
            await asyncio.sleep(0.1)
            assert time.monotonic() < begun + 25, "a dead host was waited for"
        result = await running
    finally:
        await lab.bench.boot("serve-01")
    assert result.hosts["serve-01"].unreachable == 1
    others = [host for name, host in result.hosts.items() if name != "serve-01"]
    assert all(host.converged and host.ok == 2 for host in others)
