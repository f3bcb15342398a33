"""The provider dies with its engine.

After ``kill -9`` of the engine its language host and its plugins live on as orphans.
A provider that goes on would change machines nobody is recording, so it watches the
engine's process and ends itself, with everything it started.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import threading
from pathlib import Path

ENGINE = "pulumi"
"""Name of the engine's executable."""

LANGUAGE_HOST = "pulumi-language"
"""How the kernel names the process that runs a programme (it keeps 15 characters)."""


def _status(pid: int) -> tuple[str, int]:
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    lines = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    return lines["Name"].strip(), int(lines["PPid"])


def engine_pid() -> int:
    """Process id of the engine: the nearest ancestor of that name, else the parent."""
    pid = os.getppid()
    while pid > 1:
        try:
            name, parent = _status(pid)
        except OSError:
            break
        if name == ENGINE:
            return pid
        pid = parent
    return os.getppid()


def die_with(pid: int) -> None:
    """End this process group the moment ``pid`` is gone. Call inside a running loop."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        _end()
        return
    asyncio.get_running_loop().add_reader(handle, _end)


async def die_without(address: str) -> None:
    """End this process where no engine listens at ``address`` (``host:port``).

    An engine that was killed while this process was starting is no ancestor any more,
    and what stands above us then may live for ever.
    """
    host, _, port = address.rpartition(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        _end()
        return
    writer.close()


def end_programme_with_engine() -> None:
    """For the Pulumi programme: end it, and the language host above it, with the engine.

    Both would wait for a killed engine for ever, at a hundred megabytes each time.
    """
    threading.Thread(target=_outlast, args=(engine_pid(), os.getppid()), daemon=True).start()


def _outlast(engine: int, host: int) -> None:
    try:
        select.select([os.pidfd_open(engine)], [], [])
        if host == os.getppid() and _status(host)[0].startswith(LANGUAGE_HOST):
            os.kill(host, signal.SIGKILL)
    except OSError:
        pass  # gone already, which is what was wanted
    _end()


def _end() -> None:
    """SIGKILL for ourselves: children go by PDEATHSIG and by the end of their input."""
    os.kill(os.getpid(), signal.SIGKILL)
