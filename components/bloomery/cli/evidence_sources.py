"""Where the facts of a record come from: the engine, git, and the site's own files."""

from __future__ import annotations

import datetime
import getpass
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

import bloomery
from bloomery.cli.env import environment, prepare_stack
from bloomery.cli.project import engine, project_dir
from bloomery.errors import BloomeryError, NotReadyError
from bloomery.evidence import Facts, PolicyReport, Provenance, from_events
from bloomery.evidence.canonical import canonical, write_durably
from bloomery.evidence.history import Update, parse_history
from bloomery.evidence.measurement import read_measurements
from bloomery.evidence.plans import keep_plan
from bloomery.evidence.policy import Pack, parse_pack, parse_policy
from bloomery.plan import make_plan
from bloomery.site import ENV_INVENTORIES, SITE_FILE, find, load
from bloomery.statedir import StateDir

POLICY_FILE = "policy.json"
"""What the policies said last, inside the evidence directory."""

MANIFEST = "PulumiPolicy.yaml"
"""File that makes a folder a policy pack."""


@dataclass(frozen=True)
class Place:
    """A site with the shell its commands run in."""

    name: str
    path: Path
    """Directory of the site's files."""
    env: Mapping[str, str]
    state: StateDir
    lab: bool
    """Whether its machines are virtual."""


def place(site: str, env: Mapping[str, str]) -> Place:
    """The site by name or directory, set up as ``bloomery env`` does."""
    path = find(site, env)
    ordered = load(path)
    values = environment(ordered.name, env)
    ready = {**env, **values, ENV_INVENTORIES: str(path.absolute().parent)}
    return Place(ordered.name, path, ready, StateDir.of(ordered.name, ready), ordered.lab)


def stack_history(at: Place) -> tuple[Update, ...]:
    """All that was ever done to the stack, oldest first. Raises BloomeryError."""
    words = ["stack", "history", "--json", "--full-dates", "--page-size", "0"]
    done = engine([*words, "--stack", at.name], project_dir(Path.cwd()), at.env, capture=True)
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise BloomeryError(f"no stack history: {reason}", subject=at.name)
    return parse_history(done.stdout)


def provenance(folder: Path) -> Provenance:
    """Commit, author and state of the checkout ``folder`` is in; empty outside of one."""
    commit = _git(folder, "rev-parse", "HEAD")
    known = _git(folder, "ls-files", "--error-unmatch", SITE_FILE)
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return Provenance(
        commit=commit,
        author=_git(folder, "log", "-1", "--format=%an <%ae>"),
        operator=getpass.getuser(),
        dirty=not known or bool(changed),
    )


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def facts(at: Place) -> Facts:
    """Everything a record of this site can rest on now; its plan is kept beside the records."""
    policy = at.state.evidence / POLICY_FILE
    return Facts(
        site=at.name,
        # Kept before a record names it: the next change is compared with it.
        plan_digest=keep_plan(at.state.evidence, make_plan(load(at.path)).to_json()),
        provenance=provenance(at.path),
        history=stack_history(at),
        measurements=read_measurements(at.state.evidence),
        policies=parse_policy(policy.read_bytes()) if policy.exists() else None,
    )


def run_policies(at: Place, pack: str) -> tuple[PolicyReport, int]:
    """Preview the stack with a policy pack and keep what it said.

    Shows the engine's own output. Returns the report, which also lies in the evidence
    directory then, and the engine's exit code.
    """
    project = project_dir(Path.cwd())
    folder = find_pack(pack, project)
    described = _describe(folder)
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
    return report, done.returncode


def find_pack(name: str, project: Path) -> Path:
    """Folder of a pack: a path, ``policies/NAME`` of the project, or one we ship."""
    package = Path(bloomery.__file__).parent
    shipped = (package.parents[1] / "policies", package / "_content" / "policies")
    for folder in (Path(name), *(place / name for place in (project / "policies", *shipped))):
        if (folder / MANIFEST).is_file():
            return folder.absolute()
    raise NotReadyError(f"no policy pack {name!r}", next_step="name a folder with " + MANIFEST)


def _stage(folder: Path, scratch: Path) -> Path:
    """A copy of the pack that runs on this very Python, wherever the pack came from."""
    staged = scratch / folder.name
    shutil.copytree(folder, staged, ignore=shutil.ignore_patterns("__pycache__"))
    manifest = yaml.safe_load((staged / MANIFEST).read_text(encoding="utf-8"))
    manifest["runtime"] = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (staged / MANIFEST).write_text(yaml.safe_dump(manifest), encoding="utf-8")
    return staged


def _describe(folder: Path) -> Pack:
    manifest = yaml.safe_load((folder / MANIFEST).read_text(encoding="utf-8"))
    version = str(manifest.get("version", ""))
    if not (folder / "describe.py").is_file():
        return Pack(folder.name, version, pack_digest(folder))
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}  # the pack is digested as it lies there
    done = subprocess.run(
        [sys.executable, "describe.py"], cwd=folder, capture_output=True, check=False, env=env
    )
    if done.returncode:
        last = done.stderr.decode().strip().splitlines()[-1:]
        raise BloomeryError(f"describe.py failed: {' '.join(last)}", subject=str(folder))
    return parse_pack(done.stdout, version, pack_digest(folder))


def pack_digest(folder: Path) -> str:
    """SHA-256 over names and contents of the pack's files, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(folder).as_posix().encode()
            content = hashlib.sha256(path.read_bytes()).hexdigest().encode()
            digest.update(name + b"\0" + content + b"\n")
    return digest.hexdigest()
