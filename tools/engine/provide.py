"""The order of the sources: PATH, cache, official installer, Go modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from engine.modules import build
from engine.official import install
from engine.present import in_cache, on_path
from engine.recipe import Engine, cache
from engine.shelf import locked
from progress import Progress

Installer = Callable[[Path, Mapping[str, str], Progress], bool]


def _cached(folder: Path) -> Engine | None:
    return in_cache(folder, "official") or in_cache(folder, "modules")


def present(env: Mapping[str, str], bin_folder: Path) -> Engine | None:
    """An engine that needs no work, or None."""
    return on_path(env, bin_folder)[0] or _cached(cache(env))


def provide(
    env: Mapping[str, str], bin_folder: Path, say: Progress, installer: Installer = install
) -> Engine:
    """Find the engine or make it. Raises CommandError when no source works."""
    found, refused = on_path(env, bin_folder)
    for reason in refused:
        say.line(f"      skipped: {reason}")
    folder = cache(env)
    found = found or _cached(folder)
    if found:
        return found
    with locked(folder, say):
        made = _cached(folder)  # another set-up may have made it while we waited
        if made is None:
            if not installer(folder, env, say):
                build(folder, env, say)
            made = _cached(folder)
    if made is None:
        raise OSError(f"the engine was built in {folder}, but cannot be read back")
    return made
