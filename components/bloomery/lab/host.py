"""A real Debian on a disk of its own: the body of a ``lab-node``.

The guest runs under systemd-nspawn in its own control group and network namespace,
watched by a shim that outlives the daemon.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec

from bloomery.errors import LabError
from bloomery.lab import net, proc, shim
from bloomery.lab.body import Say
from bloomery.lab.cgroup import Cgroup
from bloomery.lab.disk import Disk
from bloomery.lab.faults import CRASH, DISK_FULL, LINK_DOWN, POWER_CUT, MachineFaults
from bloomery.lab.files import read_json, write_json
from bloomery.lab.guest_install import Site, install_guest
from bloomery.lab.guest_run import IN_OWN_MOUNTS, mount_command, nspawn_command
from bloomery.lab.layout import MachineDir
from bloomery.lab.medium import Medium, Seed
from bloomery.lab.net import HostNet
from bloomery.lab.spec import MachineSpec

P = ParamSpec("P")

FREE_WHEN_FULL = 4 * 1024 * 1024
"""Bytes left on a full disk: a boot's own small files fit, a package does not."""

SHIM_SECONDS = 30.0
"""How long a shim may take to say that it is there; on a machine of its own some 50 ms."""

LOOK_SECONDS = 0.2
"""How often a guest's files are looked at for readiness and reboots."""


@dataclass(frozen=True)
class GuestEnvironment:
    """What a guest is given by its lab."""

    image: Path
    """The tree disks are laid from."""
    recipe: str
    """Digest of the tree's recipe."""
    suite: str
    """Suite of the package mirror."""
    network: HostNet


class Guest:
    """Disk and operating system of one guest; a ``Body``."""

    def __init__(
        self, environment: GuestEnvironment, machine: MachineSpec, place: MachineDir
    ) -> None:
        self._environment = environment
        self._machine = machine
        self._place = place
        self._disk = Disk(place.disk)
        self._cgroup = Cgroup.of(f"{environment.network.id}/{machine.name}")
        self._shim: proc.Process | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._ready = False
        self._callbacks: list[Callable[[], None]] = []

    @property
    def dies_with_daemon(self) -> bool:
        """A guest outlives the daemon."""
        return False

    def bootable(self) -> bool:
        """Whether the disk holds a complete installation."""
        return self._disk.bootable()

    async def install(self, medium: Medium, seed: Seed, say: Say) -> None:
        """Wipe, lay the image, write the seed; in a process in the host's control group."""
        environment, machine = self._environment, self._machine
        await whole(self._disk.wipe)
        say("disk: wiped")
        self._cgroup.make()
        site = Site(
            disk=self._disk,
            image=environment.image,
            cgroups=self._cgroup.folders(),
            suite=environment.suite,
            address=machine.host_address,
            ssh_port=machine.ssh_port,
            system_uuid=machine.system_uuid,
        )
        await install_guest(site, medium, seed, say)
        self._disk.finish(environment.image, environment.recipe)

    async def boot(self, faults: MachineFaults) -> None:
        """Plug in, start the shim, and watch it."""
        image = self._disk.image()
        await whole(self._size_disk, faults)
        name, network = self._machine.name, self._environment.network
        await whole(network.plug, name, self._machine.host_mac)
        if LINK_DOWN in faults:
            net.set_link(network.id, name, "down")
        shutil.rmtree(self._place.run, ignore_errors=True)
        self._cgroup.make()
        self._order(image, faults)
        self._shim = await self._start_shim()
        self._watch_shim()

    async def shutdown(self) -> None:
        """Press the power button."""
        proc.send(self._shim, signal.SIGTERM)

    async def cut(self) -> None:
        """Link down first, so that not even a FIN leaves; then everything in the group dies."""
        await self._stop_watching()
        net.set_link(self._environment.network.id, self._machine.name, "down")
        await asyncio.to_thread(self._cgroup.kill)
        self._gone()
        await asyncio.to_thread(net.unplug, self._environment.network.id, self._machine.name)

    def running(self) -> bool:
        """Whether its shim lives."""
        return self._shim is not None

    def ready(self) -> bool:
        """Whether systemd said that it has started."""
        return self._ready

    async def adopt(self) -> bool:
        """Take over a guest whose shim lives; anything else in its group is a remnant."""
        self._shim = proc.from_json(read_json(self._place.run / "shim.json"))
        if not proc.alive(self._shim):
            self._shim = None
            await asyncio.to_thread(self._cgroup.kill)
            await asyncio.to_thread(net.unplug, self._environment.network.id, self._machine.name)
            return False
        self._ready = (self._place.run / "ready").exists()
        self._watch_shim()
        return True

    async def begin(self, fault: str, faults: MachineFaults) -> None:
        """Crash, power cut and link down act at once, those of the system when it boots."""
        if not self.running():
            return
        if fault in (LINK_DOWN, POWER_CUT):
            net.set_link(self._environment.network.id, self._machine.name, "down")
        if fault in (CRASH, POWER_CUT):
            await asyncio.to_thread(self._cgroup.kill)
        else:
            self._order(self._disk.image(), faults)

    async def end(self, fault: str, faults: MachineFaults) -> None:
        """A cleared link comes back at once, the rest when the system boots."""
        if not self.running():
            return
        if fault == LINK_DOWN:
            net.set_link(self._environment.network.id, self._machine.name, "up")
        self._order(self._disk.image(), faults)

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call back when it has started, rebooted or ended by itself."""
        self._callbacks.append(callback)

    async def close(self) -> None:
        """Stop watching; the guest runs on."""
        await self._stop_watching()

    def _size_disk(self, faults: MachineFaults) -> None:
        if DISK_FULL in faults:
            self._disk.limit(int(faults.active[DISK_FULL] or FREE_WHEN_FULL))
        else:
            self._disk.unlimit(keep=True)

    def _order(self, image: Path, faults: MachineFaults) -> None:
        """What the shim shall do; it reads the command anew at each reboot of the guest."""
        network, name = self._environment.network, self._machine.name
        namespace = network.namespace(name)
        order = {
            "cgroups": self._cgroup.folders(),
            "mount": mount_command(self._disk, image),
            "command": nspawn_command(f"{network.id}-{name}", self._disk, namespace, faults),
            "console": str(self._place.console),
            "notify": f"bloomery/{network.id}/{name}",
        }
        write_json(self._place.run / "order.json", order)

    async def _start_shim(self) -> proc.Process:
        order = self._place.run / "order.json"
        command = [*IN_OWN_MOUNTS, sys.executable, "-I", "-S", shim.__file__, str(order)]
        with self._place.console.open("ab") as console:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        try:
            return await self._await_shim(self._child)
        except BaseException:
            # A shim that comes late would boot a guest nobody knows of.
            self._child.kill()
            raise

    async def _await_shim(self, child: subprocess.Popen[bytes]) -> proc.Process:
        for _ in range(int(SHIM_SECONDS / 0.02)):
            started = proc.from_json(read_json(self._place.run / "shim.json"))
            if started is not None and proc.alive(started):
                return started
            if child.poll() is not None:
                break
            await asyncio.sleep(0.02)
        raise LabError("the guest could not be started; see its console")

    def _watch_shim(self) -> None:
        self._watch = asyncio.create_task(self._follow(), name=f"watch {self._machine.name}")

    async def _follow(self) -> None:
        """Tell of readiness as it comes and goes, and of the end."""
        ready = self._place.run / "ready"
        while proc.alive(self._shim):
            if ready.exists() != self._ready:
                self._ready = not self._ready
                self._tell()
            await asyncio.sleep(LOOK_SECONDS)
        await asyncio.to_thread(self._cgroup.kill)
        self._gone()
        await asyncio.to_thread(net.unplug, self._environment.network.id, self._machine.name)
        self._watch = None
        self._tell()

    def _gone(self) -> None:
        self._shim, self._ready = None, False
        if self._child is not None:
            self._child.wait()
            self._child = None

    async def _stop_watching(self) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch

    def _tell(self) -> None:
        for callback in self._callbacks:
            callback()


async def whole(work: Callable[P, None], *arguments: P.args, **named: P.kwargs) -> None:
    """Do ``work`` in a thread. Who is cancelled meanwhile waits for its end, as a thread
    cannot be stopped and must not go on beside what comes next."""
    task = asyncio.create_task(asyncio.to_thread(work, *arguments, **named))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
