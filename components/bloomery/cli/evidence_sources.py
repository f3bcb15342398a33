"""Where the facts of a record come from: the engine, git, and the site's own files."""

from __future__ import annotations

import getpass
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bloomery.cli.env import environment
from bloomery.cli.project import engine, project_dir
from bloomery.errors import BloomeryError
from bloomery.evidence import Facts, Provenance
from bloomery.evidence.history import Update, parse_history
from bloomery.evidence.measurement import read_measurements
from bloomery.evidence.plans import keep_plan
from bloomery.evidence.policy import parse_policy
from bloomery.plan import make_plan
from bloomery.site import ENV_INVENTORIES, SITE_FILE, find_site, load
from bloomery.statedir import StateDir

POLICY_FILE = "policy.json"
"""What the policies said last, inside the evidence directory."""


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
    path = find_site(site, env)
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
