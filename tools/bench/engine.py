"""The Pulumi engine as a bench calls it: a project in a directory, a stack, ``up``."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bench.ground import Ground
from bench.results import ROOT
from bench.row import BenchError

LIMIT = 3600.0
"""Seconds one command of the engine may take: ten times the longest on two idle cores."""

BESIDE = Path(__file__).parent
"""Where the bare counterparts lie."""

PLUGIN = ROOT / "components" / "plugin"
"""Our provider, as everybody runs it."""

INSTANT = BESIDE / "instant"
"""Our provider with machines that take no time, to fill a state."""


@dataclass(frozen=True)
class Ended:
    """One command of the engine."""

    code: int
    said: str


@dataclass
class Project:
    """One Pulumi project with one stack on a backend of files."""

    folder: Path
    main: str
    stack: str
    env: dict[str, str]
    config: Mapping[str, str] = field(default_factory=dict)

    def use(self, name: str, plugin: Path) -> None:
        """Write the project so that provider ``name`` is run from the folder ``plugin``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        sheet = {
            "name": "ai-factory",
            "main": self.main,
            "stackConfigDir": "config",
            "runtime": {"name": "python", "options": {"virtualenv": _virtualenv()}},
            "plugins": {"providers": [{"name": name, "path": str(plugin)}]},
        }
        (self.folder / "Pulumi.yaml").write_text(yaml.safe_dump(sheet), encoding="utf-8")
        config = self.folder / "config" / f"Pulumi.{self.stack}.yaml"
        config.parent.mkdir(exist_ok=True)
        if not config.exists():
            config.write_text(yaml.safe_dump({"config": dict(self.config)}), encoding="utf-8")

    def pulumi(self, *arguments: str) -> str:
        """Run the engine; returns what it said. BenchError with its last lines when it fails."""
        ended = self.run(arguments)
        if ended.code:
            last = " / ".join(line for line in ended.said.splitlines() if line.strip())[-600:]
            raise BenchError(f"pulumi {arguments[0]} failed: {last}")
        return ended.said

    def run(
        self, arguments: Sequence[str], started: Callable[[int], None] = lambda _: None
    ) -> Ended:
        """Run the engine to whatever end; ``started`` is told the number of its process."""
        process = subprocess.Popen(
            ["pulumi", "--non-interactive", *arguments],
            cwd=self.folder,
            env=self.env,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            started(process.pid)
            said, _ = process.communicate(timeout=LIMIT)
        except BaseException:
            # Language host and provider must not live on as orphans.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        return Ended(process.returncode, said)

    def create_stack(self) -> None:
        """Make and select the stack."""
        self.pulumi("stack", "select", "--create", self.stack)

    def up(self) -> dict[str, int]:
        """``pulumi up``; returns what the closing table counts: ``{"unchanged": 58}``."""
        said = self.pulumi("up", "--yes", "--skip-preview")
        found = re.findall(r"^\s+[-+~]*\s*(\d+) (\w+)$", said, re.MULTILINE)
        return {what: int(count) for count, what in found}

    def nothing_changes(self) -> None:
        """``pulumi up`` that must find everything as it is. BenchError otherwise."""
        counts = self.up()
        if set(counts) != {"unchanged"}:
            raise BenchError(f"an up that should change nothing did: {counts}")

    @property
    def state_file(self) -> Path:
        """The stack's state as the backend of files keeps it."""
        backend = Path(self.env["PULUMI_BACKEND_URL"].removeprefix("file://"))
        return backend / ".pulumi" / "stacks" / "ai-factory" / f"{self.stack}.json"


def _virtualenv() -> str:
    """The environment this runs in; the bench measures it and no other."""
    return sys.prefix


PATIENCE = 0.05
"""Factor on all time limits: machines of a lab take seconds."""


def our_project(ground: Ground, patience: float = PATIENCE) -> Project:
    """The stack of the site, as ``pulumi up`` in a checkout runs it."""
    folder = ground.root / "ours"
    shutil.copytree(ROOT / "stacks", folder / "stacks", ignore=shutil.ignore_patterns("__py*"))
    config = {
        "ai-factory:site": ground.name,
        "bloomery:site": ground.name,
        "bloomery:secret": "file:secret",
        "bloomery:patience": str(patience),
    }
    project = Project(folder, "stacks", ground.name, dict(ground.env), config)
    project.use("bloomery", PLUGIN)
    project.create_stack()
    return project


def bare_project(ground: Ground, resources: Mapping[str, Mapping[str, object]]) -> Project:
    """As many custom resources with the same inputs, by a provider that does nothing."""
    folder = ground.root / "bare"
    shutil.copytree(BESIDE / "bare" / "programme", folder / "programme")
    text = json.dumps(resources)
    (folder / "programme" / "resources.json").write_text(text, encoding="utf-8")
    backend = ground.root / "bare-backend"
    backend.mkdir()
    env = {
        **ground.env,
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_HOME": str(ground.root / "bare-home"),
        "PULUMI_STACK": "bare",
    }
    project = Project(folder, "programme", "bare", env)
    project.use("bare", BESIDE / "bare" / "plugin")
    project.create_stack()
    return project
