"""Builds test sites and drives them as a person would: through the lab and the engine."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from environment import HANGS_S

from bloomery import lab
from bloomery.cli.env import environment
from bloomery.statedir import StateDir

LANGUAGE_HOST = b"pulumi-language-python"
"""Programme that lives on after ``kill -9`` of its engine."""

REPO = Path(__file__).resolve().parents[2]

RUNS = ("base", "slurm", "train", "serve")


@dataclass(frozen=True)
class Pool:
    """Nodes of one kind in a test site."""

    name: str
    count: int
    model: str = "lab-ghost"
    purpose: str = "training"
    personality: str = ""
    media_transport: str = ""


def write_site(  # a site has many facets; each test names only those it is about
    folder: Path,
    name: str,
    block: int,
    pools: tuple[Pool, ...],
    *,
    runs: tuple[str, ...] = (),
    bios: Mapping[str, str] | None = None,
    generation: int = 1,
    reinstall: Mapping[str, int] | None = None,
    on_delete: str = "release",
) -> Path:
    """A site whose networks are 127.``block``.*; guests live in 10.``block``.*."""
    guests = any(pool.model == "lab-node" for pool in pools)
    net = f"10.{block}.0.0/16" if guests else f"127.{block}.128.0/17"
    gateway = f"10.{block}.0.1" if guests else f"127.{block}.128.1"
    site = {
        "site": name,
        "country": "UA",
        "location": "UA-lab",
        "lab": True,
        "release": "lab-2026.11",
        "networks": {
            "oob": {"cidr": f"127.{block}.0.0/17", "controller": f"127.{block}.0.1"},
            "provisioning": {
                "cidr": net,
                "gateway": gateway,
                "ssh_port": 22 if guests else 2222,
                "user": "deploy",
            },
        },
        "depot": {"url": f"http://{gateway}:8480"},
        "racks": [{"name": "r01", "units": 42, "power_kw": 40}],
        "pools": [
            {"name": p.name, "model": p.model, "purpose": p.purpose, "bios": dict(bios or {})}
            | ({"personality": p.personality} if p.personality else {})
            | ({"media_transport": p.media_transport} if p.media_transport else {})
            for p in pools
        ],
        "trust": {"key_epoch": 1, "bmc_credentials": "derived"},
        "install_generation": generation,
        "policy": {"allowed_locations": ["UA-lab"]},
        "on_delete": on_delete,
        "protect": False,
    }
    if reinstall:
        site["reinstall"] = dict(reinstall)
    if runs:
        site["cluster"] = {"runs": list(runs), "port": 8000, "model_name": "tiny"}
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    (place / "site.yaml").write_text(yaml.safe_dump(site, sort_keys=False))
    (place / "machines.csv").write_text(_delivery_list(name, block, pools))
    return place


def _delivery_list(name: str, block: int, pools: tuple[Pool, ...]) -> str:
    rows = ["name,pool,rack,unit,bmc_mac,bmc_address,bmc_cert_sha256,chassis_serial,system_uuid"]
    unit = 0
    for pool in pools:
        for number in range(1, pool.count + 1):
            unit += 1
            host = f"{pool.name}-{number:02d}"
            machine = uuid.uuid5(uuid.NAMESPACE_URL, f"{name}/{host}")
            rows.append(
                f"{host},{pool.name},r01,{unit},02:bb:{block:02x}:00:01:{unit:02x},"
                f"127.{block}.1.{unit}:8443,,LAB{block:03d}{unit:04d},{machine}"
            )
    return "\n".join(rows) + "\n"


@dataclass
class Story:
    """One site in a directory of its own, with its own project, backend and lab."""

    root: Path
    name: str
    env: dict[str, str]

    @classmethod
    def begin(cls, root: Path, name: str, patience: float = 0.05) -> Story:
        """Set up directories; the site itself is written by ``write_site``."""
        base = {
            **os.environ,
            "BLOOMERY_STATE": str(root / "state"),
            "BLOOMERY_INVENTORIES": str(root / "inventories"),
            "PATH": f"{REPO / '.venv/bin'}:{os.environ['PATH']}",
        }
        project = root / "project"
        shutil.copytree(REPO / "stacks", project / "stacks", ignore=shutil.ignore_patterns("__py*"))
        venv = str(REPO / ".venv")
        (project / "Pulumi.yaml").write_text(
            yaml.safe_dump(
                {
                    "name": "ai-factory",
                    "main": "stacks",
                    "stackConfigDir": "stacks",
                    "runtime": {"name": "python", "options": {"virtualenv": venv}},
                    "plugins": {
                        "providers": [{"name": "bloomery", "path": str(REPO / "components/plugin")}]
                    },
                }
            )
        )
        config = {
            "ai-factory:site": name,
            "bloomery:site": name,
            "bloomery:secret": "file:secret",
            "bloomery:patience": str(patience),
        }
        (project / f"stacks/Pulumi.{name}.yaml").write_text(yaml.safe_dump({"config": config}))
        return cls(root, name, {**base, **environment(name, base)})

    @property
    def state(self) -> StateDir:
        """Files of the site."""
        return StateDir(self.root / "state" / self.name)

    def lab_up(self) -> None:
        """Bring the lab up, or repair it."""
        lab.up(self.root / "inventories" / self.name, self.env, progress=lambda _: None)

    def lab_down(self) -> None:
        """Take the lab away."""
        lab.down(self.name, self.env, progress=lambda _: None)

    def sweep(self) -> None:
        """End language hosts that outlived a killed engine of this story."""
        mine = f"BLOOMERY_STATE={self.root / 'state'}".encode()
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes()
                settings = (entry / "environ").read_bytes().split(b"\0")
                if LANGUAGE_HOST in words and mine in settings:
                    os.kill(int(entry.name), signal.SIGKILL)

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the engine in the story's project."""
        return subprocess.run(
            ["pulumi", "--non-interactive", *arguments],
            cwd=self.root / "project",
            env=self.env,
            text=True,
            capture_output=True,
            timeout=HANGS_S,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the engine and do not wait."""
        return subprocess.Popen(
            ["pulumi", "--non-interactive", *arguments],
            cwd=self.root / "project",
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def up(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """``pulumi up`` without questions."""
        return self.pulumi("up", "--yes", "--skip-preview", *arguments)

    def ready(self) -> str:
        """Create the stack; returns what the engine said."""
        done = self.pulumi("stack", "select", "--create", self.name)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def resources(self) -> dict[str, dict[str, object]]:
        """Resource name -> what the state says of it: inputs, and what was found beyond."""
        done = self.pulumi("stack", "export")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)["deployment"].get("resources", [])
        return {
            item["urn"].split("::")[-1]: {**item.get("inputs", {}), **item.get("outputs", {})}
            for item in found
        }

    def journal(self, node: str) -> list[dict[str, object]]:
        """Lines of one machine's journal; one that is being written is not there yet."""
        path = self.state.journal / f"{node}.jsonl"
        whole = path.read_text().rpartition("\n")[0] if path.exists() else ""
        return [json.loads(line) for line in whole.splitlines()]

    def installations(self, node: str) -> int:
        """How often the machine really laid an image down, by its own console."""
        console = lab.console_file(self.name, self.env, node)
        text = console.read_text(errors="replace") if console.exists() else ""
        return sum("installing " in line for line in text.splitlines())

    def fault(self, node: str, name: str, **options: str) -> None:
        """Put a fault in force."""
        lab.set_fault(self.name, self.env, node, name, options)

    def clear(self, node: str) -> None:
        """Take back all faults of a machine."""
        lab.clear_fault(self.name, self.env, node)

    def force_off(self, node: str) -> None:
        """Somebody walks up to the machine and pulls its plug."""
        lab.set_fault(self.name, self.env, node, "power-cut", {})

    def daemon_pid(self) -> int:
        """Process of the lab's emulator."""
        return int(json.loads((self.state.lab / "daemon.json").read_text())["pid"])

    def power(self, node: str) -> str:
        """Power state of a machine, from the lab and not from the provider."""
        return {m.name: m.power for m in lab.status(self.name, self.env)}[node]


def changes(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """What the engine's closing table counts: ``{"created": 8}`` and so on."""
    found = re.findall(r"^\s+[-+~]?\s*(\d+) (\w+)$", done.stdout, re.MULTILINE)
    return {what: int(count) for count, what in found}
