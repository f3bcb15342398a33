"""Policy packs: found, staged, run on a preview or on the stack's state."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

import bloomery
from bloomery.cli.env import prepare_stack
from bloomery.cli.evidence_sources import POLICY_FILE, Place
from bloomery.cli.project import engine, project_dir
from bloomery.errors import BloomeryError, InputError
from bloomery.evidence import PolicyReport, from_events
from bloomery.evidence.canonical import canonical, write_durably
from bloomery.evidence.events import SITE_TYPE
from bloomery.evidence.policy import Pack, parse_pack

MANIFEST = "PulumiPolicy.yaml"
"""File that makes a folder a policy pack."""


@dataclass(frozen=True)
class Policed:
    """What a policy pack said of a site."""

    report: PolicyReport
    code: int
    """Exit code of the engine."""
    score: str
    """How much of its own table the pack decides; empty where it does not say."""


def run_policies(at: Place, pack: str) -> Policed:
    """Preview the stack with a policy pack and keep what it said.

    Shows the engine's own output. The report also lies in the evidence directory then.
    """
    project = project_dir(Path.cwd())
    folder = find_pack(pack, project)
    described, score = _describe(folder)
    prepare_stack(at.env, at.env, project, lab=at.lab)
    with tempfile.TemporaryDirectory(prefix="bloomery-policy-") as scratch:
        staged = _stage(folder, Path(scratch))
        log = Path(scratch) / "events.jsonl"
        words = ["preview", "--stack", at.name, "--policy-pack", str(staged)]
        # the engine writes its event log only where its debug commands are on
        env = {**at.env, "PULUMI_DEBUG_COMMANDS": "true"}
        done = engine([*words, "--event-log", str(log)], project, env)
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    report = from_events(lines, packs=(described,), site=at.name, time=now)
    write_durably(at.state.evidence / POLICY_FILE, canonical(report.as_dict()))
    return Policed(report, done.returncode, score)


def judge_state(at: Place, pack: str) -> int:
    """Hold the stack's exported state against a pack, by the rules of the preview.

    Shows the engine's own output. Returns how many resources were judged. Raises
    BloomeryError when a mandatory rule found something, or there was nothing to check.
    """
    project = project_dir(Path.cwd())
    with tempfile.TemporaryDirectory(prefix="bloomery-policy-") as scratch:
        staged = _stage(find_pack(pack, project), Path(scratch))
        state = Path(scratch) / "state.json"
        words = ["stack", "export", "--stack", at.name, "--file", str(state)]
        done = engine(words, project, at.env, capture=True)
        if done.returncode:
            raise BloomeryError(done.stderr.strip().splitlines()[-1], subject=at.name)
        count = _judged(state, at)
        words = ["policy", "analyze", "--file", str(state), "--policy-pack", str(staged)]
        if engine(words, project, at.env).returncode:
            raise BloomeryError(
                "the state violates mandatory policies",
                subject=at.name,
                next_step="follow the remedy of each finding above",
            )
    return count


def _judged(state: Path, at: Place) -> int:
    """Resources of ours in the state. A state without a site passes every rule in silence."""
    exported = json.loads(state.read_text(encoding="utf-8"))["deployment"] or {}
    types = [str(one["type"]) for one in exported.get("resources") or []]
    if SITE_TYPE not in types:
        raise BloomeryError(
            "the state holds no site, so nothing was checked",
            subject=at.name,
            next_step="pulumi up",
        )
    return sum(name.startswith("bloomery:") for name in types)


def find_pack(name: str, project: Path) -> Path:
    """Folder of a pack: a path, ``policies/NAME`` of the project, or one we ship."""
    package = Path(bloomery.__file__).parent
    shipped = (package.parents[1] / "policies", package / "_content" / "policies")
    for folder in (Path(name), *(place / name for place in (project / "policies", *shipped))):
        if (folder / MANIFEST).is_file():
            return folder.absolute()
    raise InputError(f"no policy pack {name!r}", next_step="name a folder with " + MANIFEST)


def _stage(folder: Path, scratch: Path) -> Path:
    """A copy of the pack that runs on this very Python, wherever the pack came from."""
    staged = scratch / folder.name
    shutil.copytree(folder, staged, ignore=shutil.ignore_patterns("__pycache__"))
    manifest = yaml.safe_load((staged / MANIFEST).read_text(encoding="utf-8"))
    manifest["runtime"] = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (staged / MANIFEST).write_text(yaml.safe_dump(manifest), encoding="utf-8")
    return staged


def _describe(folder: Path) -> tuple[Pack, str]:
    """The pack as it describes itself, and its score."""
    manifest = yaml.safe_load((folder / MANIFEST).read_text(encoding="utf-8"))
    version = str(manifest.get("version", ""))
    if not (folder / "describe.py").is_file():
        return Pack(folder.name, version, pack_digest(folder)), ""
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}  # the pack is digested as it lies there
    done = subprocess.run(
        [sys.executable, "describe.py"], cwd=folder, capture_output=True, check=False, env=env
    )
    if done.returncode:
        last = done.stderr.decode().strip().splitlines()[-1:]
        raise BloomeryError(f"describe.py failed: {' '.join(last)}", subject=str(folder))
    described = parse_pack(done.stdout, version, pack_digest(folder))
    return described, str(json.loads(done.stdout).get("score", ""))


def pack_digest(folder: Path) -> str:
    """SHA-256 over names and contents of the pack's files, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(folder).as_posix().encode()
            content = hashlib.sha256(path.read_bytes()).hexdigest().encode()
            digest.update(name + b"\0" + content + b"\n")
    return digest.hexdigest()
