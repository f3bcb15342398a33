"""Long-running programmes that ``up`` starts, in a group that ``down`` can find."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence

from bloomery.errors import LabError
from bloomery.lab.cgroup import Cgroup


def follow(command: Sequence[str], group: Cgroup, lock: int, line: Callable[[str], None]) -> None:
    """Run ``command`` in ``group``, handing on each line it says. LabError with the last one.

    It inherits the handle ``lock``, so that nobody builds beside it should this process
    be killed.
    """
    group.make()
    worker = subprocess.Popen(
        [*group.wrap(), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=(lock,),
        env={**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"},
        start_new_session=True,
    )
    last = ""
    for text in worker.stdout or ():
        if text.strip():
            last = text.strip()
            line(last)
    if worker.wait() != 0:
        raise LabError(f"{command[0]} failed: {last}")
