"""A private directory on tmpfs for one run, and the sweeping of those left behind.

Keys and secrets of a run live here and nowhere else. The name carries the process
that owns it (pid and start time), so that a later run can tell a directory in use
from one whose owner was killed.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from pathlib import Path

from bloomery.errors import NotReadyError

_CANDIDATES = ("/dev/shm", "/run")  # noqa: S108 - a tmpfs, and checked to be one
_MINE = 0o700


def start_time(pid: int) -> str:
    """Start time of a process in clock ticks since boot; empty when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[19]


def new_token() -> str:
    """Name of a run: owner's pid and start time, and a random part."""
    return f"{os.getpid()}-{start_time(os.getpid())}-{secrets.token_hex(4)}"


def owner_alive(token: str) -> bool:
    """Whether the process that made ``token`` still runs. Other names count as alive."""
    pid, _, rest = token.partition("-")
    started = rest.partition("-")[0]
    if not (pid.isdigit() and started.isdigit()):
        return True
    return start_time(int(pid)) == started


def shelf() -> Path:
    """The tmpfs directory that holds this user's workspaces, made where it is missing.

    Raises NotReadyError where no tmpfs can be written, or where somebody else owns the
    name: secrets never go to a disk or to a place another user controls.
    """
    for base in _tmpfs_mounts():
        path = base / f"bloomery-{os.getuid()}"
        try:
            path.mkdir(mode=_MINE)
        except FileExistsError:
            pass
        except OSError:
            continue
        seen = path.lstat()
        if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid():
            raise NotReadyError("is not a directory of this user", subject=str(path))
        path.chmod(_MINE)
        return path
    raise NotReadyError(
        "no writable tmpfs for the secrets of a run", next_step="mount a tmpfs on /dev/shm"
    )


def make(token: str) -> Path:
    """Make the workspace of run ``token``, mode 0700."""
    path = shelf() / token
    path.mkdir(mode=_MINE)
    return path


def sweep() -> None:
    """Remove every workspace whose owner is gone."""
    for path in shelf().iterdir():
        if not owner_alive(path.name):
            shutil.rmtree(path, ignore_errors=True)


def _tmpfs_mounts() -> list[Path]:
    mounts = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        mounts[left.split()[4]] = right.split()[0]
    return [Path(name) for name in _CANDIDATES if mounts.get(name) == "tmpfs"]
