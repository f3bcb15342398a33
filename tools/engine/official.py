"""The official installer, where it can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.present import ask_version
from engine.recipe import CLI, PARTS, VERSION, executable
from engine.shelf import draft, place
from progress import CommandError, Progress

INSTALLER = "https://get.pulumi.com"
"""Address of the installer script, as Pulumi's documentation gives it."""

REACH_TIMEOUT_S = 5
"""Time to reach the installer: a site without internet should not wait for it."""

FETCH_TIMEOUT_S = 30
"""Time for the script itself, a few kilobytes."""


def _fetch(url: str, to: Path, env: Mapping[str, str], say: Progress) -> str:
    """Download the script. Returns why not, or nothing."""
    limits = ["--connect-timeout", str(REACH_TIMEOUT_S), "--max-time", str(FETCH_TIMEOUT_S)]
    try:
        say.run("requesting the official installer",
                ["curl", "-fsSL", *limits, "-o", str(to), url], env=env)  # fmt: skip
    except FileNotFoundError:
        return "curl is not installed"
    except CommandError as error:
        return error.tail[-1] if error.tail else str(error)
    return ""


def install(cache: Path, env: Mapping[str, str], say: Progress, url: str = INSTALLER) -> bool:
    """Install with the official installer into the cache. Returns whether it worked.

    Every failure is said and is no error: the next source is tried. Call with the lock
    held.
    """
    with draft(cache) as folder:
        script, root = folder / "install.sh", folder / "root"
        reason = _fetch(url, script, env, say)
        if reason:
            say.line(f"      official installer not used: {reason}")
            return False
        options = ["--version", VERSION, "--install-root", str(root), "--no-edit-path"]
        try:
            say.run(f"installing Pulumi {VERSION}", ["sh", str(script), *options],
                    cwd=folder, env=env)  # fmt: skip
        except CommandError as error:
            say.line(f"      official installer not used: {error}: {' '.join(error.tail[-1:])}")
            return False
        made = root / "bin"
        absent = [name for name in PARTS if not executable(made / name)]
        if absent or ask_version(made / CLI, env) != VERSION:
            say.line(f"      official installer not used: it did not install {VERSION} completely")
            return False
        place(made, cache, "official")
    return True
