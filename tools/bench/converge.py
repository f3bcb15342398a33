"""A converge that changes nothing: our driver against plain ``ansible-playbook``.

Same playbook, roles, variables, hosts, keys, forks and ssh settings on both sides; what
differs is ours: the child process, its events, its control group, its workspace.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.engine import our_project
from bench.ground import Ground, Group, ground, guests_missing, lab_up
from bench.rounds import Say, paired
from bench.row import BenchError, Row, Target, unmeasured
from bloomery.drivers.ansible import workspace
from bloomery.drivers.ansible.client import run
from bloomery.drivers.ansible.content import content_root, playbook_path
from bloomery.drivers.ansible.files import environment, write_all
from bloomery.drivers.ansible.protocol import Job
from bloomery.drivers.ansible.protocol import Target as Host
from bloomery.drivers.ansible.request import Request
from bloomery.plan.model import NodePlan, RunPlan
from bloomery.trust.keys import host_key, login_key
from bloomery.trust.secret import SiteSecret, open_secret

MEANING = (
    "no-change converge of playbook `base` through our driver; theirs: plain "
    "`ansible-playbook` of the same roles, variables, hosts, forks and ssh settings"
)

TARGET = Target(1.1)
"""Issue 3, section 8."""


def rows(say: Say, *, quick: bool) -> Iterator[Row]:
    """One row a number of hosts."""
    for count in (2,) if quick else (2, 4):
        groups = [
            Group("mgmt", 1, "lab-node", "management"),
            Group("train", count - 1, "lab-node"),
        ]
        with ground(f"benchrun{count}", groups, runs=("base",)) as site:
            yield _row(site, f"{count} guests", 2 if quick else 5, say)


def _row(site: Ground, size: str, rounds: int, say: Say) -> Row:
    missing = guests_missing(site)
    if missing:
        return unmeasured("no-change converge", size, missing)
    project = our_project(site)
    lab_up(site)
    project.up()
    say(f"{size} are up and converged once")
    job = job_of(site)
    pair = paired(partial(_ours, job), partial(_plain, job), rounds, say)
    return Row("no-change converge", size, pair.ours, pair.theirs, TARGET, pair.note, pair.extra)


def job_of(site: Ground) -> Job:
    """The run ``base`` of the site's plan as the driver takes it."""
    secret = open_secret(site.state.secret)
    planned = site.plan.runs[0]
    artifacts = str(site.state.path / "artifacts")
    epoch = max(node.key_epoch for node in site.plan.metal.nodes)
    key = site.state.depot_key
    local = {"artifacts": artifacts, "depot_key": key.read_text() if key.exists() else ""}
    return Job(
        playbook=planned.playbook,
        targets={n.name: _host(secret, planned, n) for n in site.plan.metal.nodes},
        login_key=login_key(secret, site.name, epoch).private,
        vars={**planned.vars, **local},
        artifacts=artifacts,
    )


def _host(secret: SiteSecret, planned: RunPlan, node: NodePlan) -> Host:
    return Host(
        address=node.host.address,
        port=node.host.ssh_port,
        user=node.host.user,
        host_key=host_key(secret, node.identity.system_uuid, node.key_epoch).public,
        groups=tuple(g for g, members in planned.groups.items() if node.name in members),
    )


def _ours(job: Job) -> None:
    result = asyncio.run(run(job, lambda _: None))
    wrong = {name: host for name, host in result.hosts.items() if not host.converged}
    changed = {name for name, host in result.hosts.items() if host.changed}
    if wrong or changed or len(result.hosts) != len(job.targets):
        raise BenchError(f"a converge that should change nothing: {wrong or changed}")


def _plain(job: Job) -> None:
    """What a person would type, with the files our driver writes."""
    private = workspace.make(workspace.new_token())
    try:
        request = Request(job, private, content_root(), None)
        write_all(request)
        done = subprocess.run(
            _command(job, private),
            env={**os.environ, "HOME": str(private / "home"), **environment(request)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or "changed=0" not in done.stdout:
            raise BenchError(f"ansible-playbook: {done.stdout[-400:]} {done.stderr[-200:]}")
    finally:
        for socket in (private / "cp").glob("*"):
            # The shared connections of ssh outlive ansible-playbook by design.
            closing = ["ssh", "-O", "exit", "-S", str(socket), "bench"]
            subprocess.run(closing, capture_output=True, check=False)
        shutil.rmtree(private, ignore_errors=True)


def _command(job: Job, private: Path) -> list[str]:
    forks = str(len(job.targets))
    files = ["-i", str(private / "inventory"), "-e", f"@{private / 'env' / 'extravars'}"]
    programme = Path(sys.executable).with_name("ansible-playbook")
    return [str(programme), *files, "--forks", forks, str(playbook_path(job.playbook))]
