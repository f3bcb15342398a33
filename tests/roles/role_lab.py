"""A lab of four real hosts, and looks at them from outside: by ssh and HTTP."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lab/hosts"))

from kit import HEAD, Bench

from bloomery.drivers.ansible import client
from bloomery.drivers.ansible.protocol import Job, Target
from bloomery.plan import make_plan
from bloomery.records import RunResult
from bloomery.site import load

SITE = """\
site: {name}
country: UA
location: UA-lab
lab: true
release: lab-2026.11
networks:
  oob: {{cidr: 127.82.0.0/16, controller: 127.82.0.1}}
  provisioning: {{cidr: 10.82.0.0/16, gateway: 10.82.0.1, ssh_port: 22}}
depot: {{url: "http://10.82.0.1:8480"}}
racks: [{{name: r01, units: 40, power_kw: 40}}]
pools:
  - {{name: mgmt, model: lab-node, purpose: management}}
  - {{name: train, model: lab-node, purpose: training}}
  - {{name: serve, model: lab-node, purpose: serving}}
policy: {{allowed_locations: [UA-lab]}}
on_delete: power-off
protect: false
cluster: {{runs: [base, slurm, train, serve], port: 8000, model_name: tiny}}
"""

HOSTS = {"mgmt-01": "mgmt", "train-01": "train", "train-02": "train", "serve-01": "serve"}
MUNGE_KEY = "6d756e67652d6b65792d6f662d7468652d74657374732d6f6e6c79"
"""Fixed, so that tests can look for it where it must not be."""


def write_site(folder: Path, name: str) -> Path:
    """One management, two training and one serving node."""
    folder.mkdir(parents=True)
    (folder / "site.yaml").write_text(SITE.format(name=name))
    rows = [
        f"{host},{pool},r01,{i},02:82:00:00:01:{i:02x},127.82.1.{i}:8443,,S82-{name}-{i},"
        f"{uuid.uuid5(uuid.NAMESPACE_DNS, f'{name}{i}')}"
        for i, (host, pool) in enumerate(HOSTS.items(), 1)
    ]
    (folder / "machines.csv").write_text(HEAD + "\n".join(rows) + "\n")
    return folder


@dataclass
class RoleLab:
    """The lab, the playbooks run on it so far, and what they said."""

    bench: Bench
    folder: Path
    told: list[str] = field(default_factory=list)

    @classmethod
    def begin(cls, folder: Path) -> RoleLab:
        """Install and boot all hosts at once."""
        site = write_site(folder / "site", f"roles-{os.getpid()}")
        env = {**os.environ, "BLOOMERY_STATE": str(folder / "state")}
        lab = cls(Bench(site, env, make_plan(load(site))), folder)
        (folder / "artifacts").mkdir()
        try:
            lab.bench.up()
            asyncio.run(lab._install())
        except BaseException:
            lab.bench.down()
            raise
        return lab

    async def _install(self) -> None:
        await asyncio.gather(*(self._bring_up(host) for host in HOSTS))

    async def _bring_up(self, host: str) -> None:
        await self.bench.install(host)
        await self.bench.boot(host)

    @property
    def artifacts(self) -> Path:
        """Where playbooks fetch files to."""
        return self.folder / "artifacts"

    def address(self, host: str) -> str:
        """Address of a host in the provisioning network."""
        return self.bench.plan.node(host).host.address

    def job(self, name: str, secrets: Mapping[str, str], **fields: object) -> Job:
        """The job of one run of the plan, as the provider makes it."""
        run = next(run for run in self.bench.plan.runs if run.kind == name)
        members = {host for group in run.groups.values() for host in group}
        targets = {host: self._target(host, run.groups) for host in HOSTS if host in members}
        depot_key = self.bench.state.depot_key.read_text()
        given = fields.pop("given", {})
        return Job(
            playbook=run.playbook,
            targets=targets,
            login_key=self.bench.login("mgmt-01").private_key,
            vars={**run.vars, "depot_key": depot_key, **given},  # type: ignore[dict-item]
            secret_vars=dict(secrets),
            artifacts=str(self.artifacts),
            **fields,  # type: ignore[arg-type]
        )

    def _target(self, host: str, groups: Mapping[str, tuple[str, ...]]) -> Target:
        login = self.bench.login(host)
        mine = tuple(group for group, members in groups.items() if host in members)
        return Target(login.address, login.port, login.user, login.host_key, mine)

    def run(
        self, name: str, secrets: Mapping[str, str] | None = None, **fields: object
    ) -> RunResult:
        """Run one playbook."""
        return asyncio.run(client.run(self.job(name, secrets or {}, **fields), self.told.append))

    def ssh(self, host: str, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run ``command`` on a host, as its operator would, with the key known beforehand."""
        login = self.bench.login(host)
        key, known = self.folder / "login", self.folder / f"known-{host}"
        key.touch(mode=0o600)
        key.write_text(login.private_key)
        known.write_text(f"{login.address} {login.host_key}\n")
        strict = ["-F", "/dev/null", "-o", f"UserKnownHostsFile={known}", "-o", "BatchMode=yes"]
        strict += ["-o", "StrictHostKeyChecking=yes", "-i", str(key), *options]
        return subprocess.run(
            ["ssh", *strict, f"{login.user}@{login.address}", command],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def said(self, host: str, command: str) -> str:
        """Output of ``command`` on a host; the test fails where the command does."""
        done = self.ssh(host, command)
        assert done.returncode == 0, f"{host}: {command}: {done.stderr or done.stdout}"
        return done.stdout

    def get(self, host: str, port: int, path: str) -> str:
        """GET from outside."""
        url = f"http://{self.address(host)}:{port}{path}"
        with _direct().open(url, timeout=20) as answer:
            return str(answer.read().decode())

    def ask(self, question: str) -> str:
        """Answer of the served model at temperature 0."""
        import json

        body = {
            "model": "tiny",
            "temperature": 0,
            "max_tokens": 64,
            "messages": [{"role": "user", "content": question}],
        }
        request = urllib.request.Request(
            f"http://{self.address('serve-01')}:8000/v1/chat/completions",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with _direct().open(request, timeout=30) as answer:
            return str(json.load(answer)["choices"][0]["message"]["content"])


def _direct() -> urllib.request.OpenerDirector:
    """Without the proxies of the environment: hosts are in the tests' own network."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def changes(result: RunResult) -> dict[str, int]:
    """Host -> changed, after making sure that all converged."""
    for host in result.hosts.values():
        assert host.converged, host
    return {name: host.changed for name, host in result.hosts.items()}
