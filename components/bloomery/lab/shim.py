"""Stands between the daemon and one guest, and outlives the daemon.

Run as a file with ``python -I -S``, inside a mount namespace of its own: the standard
library only. It joins the host's control group, mounts the disk, runs systemd-nspawn,
starts it again when the guest reboots, writes ``ready`` once the guest has started and
``exit.json`` when it has ended. SIGTERM is the power button.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

REBOOT = 133
"""Exit code of systemd-nspawn with ``--keep-unit`` when the guest asked for a reboot."""

SHORT = 0.02
"""Seconds between looks at processes that are about to end."""


class Shim:
    """One guest, from power-on to power-off."""

    def __init__(self, order: Path) -> None:
        self._order_file = order
        self._order = json.loads(order.read_text(encoding="utf-8"))
        self._run = order.parent
        self._guest: subprocess.Popen[bytes] | None = None
        self._asked = False
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)

    def live(self) -> int:
        """Boot until the guest is off; its last exit code."""
        self._join()
        signal.signal(signal.SIGTERM, self._press)
        self._notify.bind("\0" + self._order["notify"])
        self._write("shim.json", _identity())
        self._mount()
        code = REBOOT
        while code == REBOOT:
            code = self._boot_once()
        self._write("exit.json", {"code": code})
        return 0

    def _boot_once(self) -> int:
        self._order = json.loads(self._order_file.read_text(encoding="utf-8"))
        (self._run / "ready").unlink(missing_ok=True)
        self._asked = False
        environment = {
            **os.environ,
            "NOTIFY_SOCKET": "@" + self._order["notify"],
            "TERM": "dumb",  # the console is a file: no colours
            "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network",
        }
        with Path(self._order["console"]).open("ab") as console:
            self._guest = subprocess.Popen(
                self._order["command"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env=environment,
            )
        self._listen_until_gone(self._guest)
        code = self._guest.wait()
        self._bury()
        return code

    def _listen_until_gone(self, guest: subprocess.Popen[bytes]) -> None:
        handle = os.pidfd_open(guest.pid)
        try:
            while True:
                found, _, _ = select.select([handle, self._notify.fileno()], [], [])
                if self._notify.fileno() in found:
                    self._hear(self._notify.recv(4096))
                if handle in found:
                    return
        finally:
            os.close(handle)

    def _hear(self, message: bytes) -> None:
        if b"READY=1" in message.splitlines():
            self._write("ready", {"at": time.time()})

    def _press(self, number: int, frame: object) -> None:
        """Pass the power button on, once a boot: systemd-nspawn takes a second one as a kill."""
        del number, frame
        if self._guest is not None and not self._asked:
            self._asked = True
            self._guest.send_signal(signal.SIGTERM)

    def _join(self) -> None:
        for folder in self._order["cgroups"]:
            (Path(folder) / "cgroup.procs").write_text(str(os.getpid()))

    def _mount(self) -> None:
        subprocess.run(self._order["mount"], check=True, stdin=subprocess.DEVNULL)

    def _bury(self) -> None:
        """systemd-nspawn that was killed leaves the guest's processes; two systems on one disk
        would destroy it."""
        while others := self._others():
            for pid in others:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            time.sleep(SHORT)

    def _others(self) -> set[int]:
        found: set[int] = set()
        for folder in self._order["cgroups"]:
            for procs in Path(folder).rglob("cgroup.procs"):
                try:
                    found.update(int(pid) for pid in procs.read_text().split())
                except OSError:
                    continue
        return found - {os.getpid()}

    def _write(self, name: str, value: dict[str, object]) -> None:
        draft = self._run / f".{name}.new"
        draft.write_text(json.dumps(value) + "\n", encoding="utf-8")
        draft.replace(self._run / name)


def _identity() -> dict[str, object]:
    stat = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace")
    return {"pid": os.getpid(), "start": int(stat.rpartition(")")[2].split()[19])}


if __name__ == "__main__":
    sys.exit(Shim(Path(sys.argv[1])).live())
