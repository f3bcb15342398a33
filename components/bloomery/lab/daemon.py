"""The lab's one process: every BMC, the media and depot servers, the control socket.

Started detached by ``up`` as ``python -m bloomery.lab.daemon STATE CACHE``. It may be
killed at any time: hosts run on under their shims, and the next daemon takes them over.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import resource
import signal
import sys
from pathlib import Path

from bloomery.errors import BloomeryError, LabError
from bloomery.lab import proc
from bloomery.lab.control_server import ControlServer
from bloomery.lab.files import read_json, write_json
from bloomery.lab.layout import FAILED, LabDir
from bloomery.lab.spec import spec_from_json
from bloomery.lab.virtual_site import VirtualSite
from bloomery.statedir import StateDir

ALREADY_RUNNING = 3
"""Exit code when another daemon holds the lock."""


def _hold(lock: Path) -> int | None:
    """Take the daemon's lock for the life of this process; ``None`` when it is taken."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _allow_sockets() -> None:
    """As many open files as this process may have: each ghost listens twice, and the usual soft
    limit of 1,024 would end at 500 of them."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _live(site: VirtualSite, lab: LabDir) -> None:
    """Open, serve until asked to stop, close."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await site.open()
    # The socket appears last: who reaches it finds everything else ready.
    server = await ControlServer(site, stop.set).open(lab.path)
    logging.info("ready: %d machines", len(site.spec.machines))
    await stop.wait()
    server.close()
    await site.close()
    logging.info("stopped")


def main(arguments: list[str]) -> int:
    """Run the daemon of the site state directory that ``arguments`` names."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    state, cache = StateDir(Path(arguments[0])), Path(arguments[1])
    lab = LabDir(state.lab)
    if _hold(lab.daemon_lock) is None:
        return ALREADY_RUNNING
    write_json(lab.daemon, proc.as_json(proc.myself()))
    _allow_sockets()
    try:
        value = read_json(lab.spec)
        if value is None:
            raise LabError("no lab here", subject=str(lab.path))
        asyncio.run(_live(VirtualSite(spec_from_json(value), state, cache), lab))
    except BloomeryError as error:
        print(f"{FAILED}{error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
