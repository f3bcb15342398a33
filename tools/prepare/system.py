"""The Debian packages: which are wanted, which are there, how the rest gets there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from progress import Progress

ONLY_TESTS = "tests"
"""Part whose absence from a system's archive does not stop set-up: the test says it."""

SERVICES = {"opensm": "opensm.service"}
"""Packages that start a service, which set-up does not want: the commands are enough. A second
subnet manager on a controller that has InfiniBand could take over the fabric of the site."""


@dataclass(frozen=True)
class Wish:
    """One line of packages.txt."""

    package: str
    part: str
    """setup, build, lab or tests."""
    commands: tuple[str, ...]
    """Any of these on PATH stands in for the package."""
    reason: str


def read_wishes(path: Path) -> tuple[Wish, ...]:
    """Read packages.txt."""
    wishes = []
    for line in path.read_text(encoding="ascii").splitlines():
        if line and not line.startswith("#"):
            package, part, commands, reason = line.split(maxsplit=3)
            names = () if commands == "-" else tuple(commands.split(","))
            wishes.append(Wish(package, part, names, reason))
    return tuple(wishes)


def is_debian(os_release: Path = Path("/etc/os-release")) -> bool:
    """Whether this is Debian, Ubuntu or one of their children, with apt."""
    try:
        lines = os_release.read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    names = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".replace('"', "").split()
    return bool({"debian", "ubuntu"} & set(names))


def installed(packages: Iterable[str], env: Mapping[str, str]) -> set[str]:
    """Which of these packages dpkg has installed; nothing where there is no dpkg."""
    try:
        answer = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *packages],
            env=env,
            capture_output=True,
            text=True,
            check=False,  # an unknown package makes it exit with 1; the others are answered
        )
    except OSError:
        return set()
    rows = (line.split() for line in answer.stdout.splitlines())
    return {row[0] for row in rows if row[1:] == ["installed"]}


def missing(wishes: Sequence[Wish], env: Mapping[str, str]) -> list[Wish]:
    """The wishes neither dpkg nor a command on PATH fulfils."""
    have = installed([wish.package for wish in wishes], env)
    return [
        wish
        for wish in wishes
        if wish.package not in have
        and not any(shutil.which(name, path=env.get("PATH")) for name in wish.commands)
    ]


def _has_candidate(package: str, env: Mapping[str, str]) -> bool:
    answer = subprocess.run(
        ["apt-cache", "policy", package], env=env, capture_output=True, text=True, check=True
    )
    return "Candidate:" in answer.stdout and "Candidate: (none)" not in answer.stdout


def install(wishes: Sequence[Wish], env: Mapping[str, str], say: Progress) -> None:
    """Install packages with apt. Raises CommandError."""
    for wish in wishes:
        say.line(f"      {wish.package:<18} {wish.reason}")
    quiet = {**env, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    say.run("reading package lists", ["apt-get", "update", "-q"], env=quiet)
    names = []
    for wish in wishes:
        if wish.part == ONLY_TESTS and not _has_candidate(wish.package, quiet):
            say.line(f"      {wish.package}: not in this system's archive; without it the test"
                     f" that {wish.reason} fails")  # fmt: skip
        else:
            names.append(wish.package)
    for unit in mask(names):
        say.line(f"      {unit}: masked, so that it is not started")
    if names:
        command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *names]
        say.run("installing packages", command, env=quiet)


def mask(packages: Iterable[str], units: Path = Path("/etc/systemd/system")) -> list[str]:
    """Keep services of packages that are not installed yet from being started. Returns them.

    A unit that is there already is somebody's own decision and stays as it is.
    """
    masked = []
    for package in packages:
        unit = units / SERVICES.get(package, "")
        if package in SERVICES and not unit.exists() and not unit.is_symlink():
            units.mkdir(parents=True, exist_ok=True)
            unit.symlink_to("/dev/null")
            masked.append(unit.name)
    return masked


def is_root() -> bool:
    """Whether packages can be installed."""
    return os.geteuid() == 0
