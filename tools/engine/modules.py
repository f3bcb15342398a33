"""Building the engine from its official sources as Go modules."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.golang import fetch_go, find_go
from engine.present import ask_version
from engine.recipe import CLI, EXEC, HERE, HOST, TAGS, VERSION
from engine.shelf import draft, place
from progress import CommandError, Progress

FLAGS = f"-w -s -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{VERSION}"
"""Linker flags of the official release; without the last, the version is empty."""


@dataclass(frozen=True)
class Part:
    """One program to build."""

    name: str
    module: str
    """Folder of the wrapper module here."""
    package: str
    """Go package of the program."""
    expect: str
    """How long it takes from nothing, measured on 2 cores."""


PROGRAMS = (
    Part(CLI, "cli", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", "3 min and 2 GB of memory"),
    Part(HOST, "host", "github.com/pulumi/pulumi/sdk/python/cmd/pulumi-language-python/v3", "30 s"),
)


def go_env(env: Mapping[str, str]) -> dict[str, str]:
    """Environment of every ``go`` call: what is committed decides, not the machine's settings."""
    fixed = {"GOFLAGS": "-mod=readonly", "GOWORK": "off", "GOTOOLCHAIN": "local"}
    return {**env, **fixed}


def _sign(count: int, last: str) -> str:
    """Sign of life from the packages ``go build -v`` names as it comes to them."""
    short = last.removeprefix("go: ").split("/")
    return f"{count} packages, now {'/'.join(short[-2:])[:50]}" if count else "reading the sources"


def _build(go: str, part: Part, to: Path, env: Mapping[str, str], say: Progress) -> None:
    say.line(f"      building {part.name} (without cache: {part.expect})")
    command = [go, "build", "-v", "-trimpath", "-buildvcs=false", "-tags", TAGS,
               "-ldflags", FLAGS, "-o", str(to / part.name), part.package]  # fmt: skip
    say.run(part.name, command, cwd=HERE / part.module, env=go_env(env), state=_sign)


def _copy_exec(go: str, to: Path, env: Mapping[str, str]) -> None:
    """The third part is a script that lies ready in the sources of the SDK."""
    where = subprocess.run(
        [go, "list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi/sdk/v3"],
        cwd=HERE / "cli",
        env=go_env(env),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    shutil.copyfile(Path(where) / "python" / "cmd" / EXEC, to / EXEC)
    (to / EXEC).chmod(0o755)


def build(cache: Path, env: Mapping[str, str], say: Progress) -> None:
    """Build all parts into the cache. Raises CommandError. Call with the lock held."""
    with draft(cache) as folder:
        parts = folder / "parts"
        parts.mkdir()
        go = find_go(env, say) or fetch_go(folder / "go", env, say)
        for part in PROGRAMS:
            _build(go, part, parts, env, say)
        _copy_exec(go, parts, env)
        answer = ask_version(parts / CLI, env)
        if answer != VERSION:
            what = f"pulumi reports {answer!r} instead of {VERSION!r}; building it"
            raise CommandError(what, 1, [])
        place(parts, cache, "modules")
