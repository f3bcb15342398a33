"""The mount table of this process, read from ``/proc/self/mountinfo`` (proc(5))."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

UNESCAPED = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}
"""How the kernel writes such characters of a path."""


@dataclass(frozen=True)
class Mount:
    """One mounted file system."""

    place: Path
    kind: str
    """Type, for example ``overlay``."""
    options: tuple[str, ...]
    """Options of the file system itself."""


def table(text: str | None = None) -> list[Mount]:
    """Every mount, the latest last. ``text`` is the file's content; read when not given."""
    lines = Path("/proc/self/mountinfo").read_text() if text is None else text
    return [_mount(line) for line in lines.splitlines()]


def below(folder: Path, text: str | None = None) -> list[Path]:
    """Mount points at or below ``folder``, the latest first, as they must be unmounted."""
    top = folder.resolve()
    return [mount.place for mount in table(text) if mount.place.is_relative_to(top)][::-1]


def kind_of(path: Path, text: str | None = None) -> str:
    """Type of the file system that ``path`` lies on, or would lie on once made."""
    around = [mount for mount in table(text) if path.resolve().is_relative_to(mount.place)]
    deepest = max(around, key=lambda mount: len(mount.place.parts))
    return deepest.kind


def _mount(line: str) -> Mount:
    left, _, right = line.partition(" - ")
    place = left.split(" ")[4]
    for written, meant in UNESCAPED.items():
        place = place.replace(written, meant)
    kind, _, options = right.split(" ", 2)
    return Mount(Path(place), kind, tuple(options.split(",")))
