"""Puts ``tools`` on the path, as ``tools/setup`` does, and makes toy engines."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[3] / "tools"
sys.path.insert(0, str(TOOLS))

from progress import Progress  # noqa: E402  the path above is what makes it importable


@pytest.fixture
def out() -> StringIO:
    """What set-up printed."""
    return StringIO()


@pytest.fixture
def say(out: StringIO) -> Progress:
    return Progress(out)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A machine without Pulumi and Go: only the system's own commands are on PATH."""
    tools = tmp_path / "system"
    tools.mkdir()
    for name in ("sh", "curl", "cat", "mkdir", "chmod", "sleep", "env", "dirname"):
        found = next(
            Path(folder) / name
            for folder in ("/bin", "/usr/bin")
            if os.access(Path(folder) / name, os.X_OK)
        )
        (tools / name).symlink_to(found)
    return {"PATH": str(tools), "HOME": str(tmp_path), "BLOOMERY_CACHE": str(tmp_path / "cache")}


def write_program(path: Path, script: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def program() -> Callable[[Path, str], Path]:
    return write_program


@pytest.fixture
def engine_at() -> Callable[[Path, str], Path]:
    """Makes a folder that looks like an installed engine of a version."""

    def make(folder: Path, version: str) -> Path:
        write_program(folder / "pulumi", f"echo v{version}")
        write_program(folder / "pulumi-language-python", "exit 0")
        write_program(folder / "pulumi-language-python-exec", "exit 0")
        return folder

    return make


TOY_GO = """
case "$1" in
env) echo go1.26.8 ;;
list) cat "$TOY/sdk" ;;
build)
    echo "$PWD" >> "$TOY/builds"
    [ -e "$TOY/slow" ] && sleep 60
    [ -e "$TOY/broken" ] && { echo "link: no space left on device"; exit 2; }
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\necho v3.259.0\\n' > "$2"
    chmod 755 "$2" ;;
esac
"""


@pytest.fixture
def toy_go(tmp_path: Path, env: dict[str, str]) -> Path:
    """A ``go`` on PATH that builds scripts; its folder takes ``slow`` and ``broken``."""
    toy = tmp_path / "toy"
    write_program(toy / "bin" / "go", TOY_GO)
    sdk = toy / "module"
    write_program(sdk / "python" / "cmd" / "pulumi-language-python-exec", "exit 0")
    (toy / "sdk").write_text(str(sdk))
    env["PATH"] = f"{toy / 'bin'}:{env['PATH']}"
    env["TOY"] = str(toy)
    return toy
