"""All of a lab inside the daemon: its machines and web servers, opened and closed as one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import web

from bloomery.errors import LabError
from bloomery.lab.body import Body
from bloomery.lab.firmware import PlayedBoot
from bloomery.lab.ghost import Ghost
from bloomery.lab.host import Guest, GuestEnvironment
from bloomery.lab.image import image_dir, recipe_digest
from bloomery.lab.layout import LabDir, MachineDir
from bloomery.lab.metal.chassis import Parts, QemuBoot
from bloomery.lab.metal.disc import Drive
from bloomery.lab.metal.hardware import hardware_of
from bloomery.lab.metal.process import Qemu
from bloomery.lab.prerequisites import depot_of, host_net, os_medium
from bloomery.lab.spec import LabSpec, MachineSpec
from bloomery.lab.virtual_machine import BootOf, LabSettings, VirtualMachine
from bloomery.lab.web import serve_depot, serve_media
from bloomery.statedir import StateDir
from bloomery.trust.secret import open_secret


class VirtualSite:
    """The machines and servers of one lab."""

    def __init__(self, spec: LabSpec, state: StateDir, cache: Path) -> None:
        self.spec = spec
        self._state = state
        self._cache = cache
        self._lab = LabDir(state.lab)
        self._machines: dict[str, VirtualMachine] = {}
        self._servers: list[web.AppRunner] = []

    async def open(self) -> None:
        """Open everything, machines side by side. LabError names the first that cannot."""
        settings = LabSettings(
            site=self.spec.site,
            secret=open_secret(self._state.secret),
            ca=self._state.ca,
            factory=self._state.factory,
            recipe=recipe_digest(self.spec.image),
            time_factor=self.spec.time_factor,
        )
        if self.spec.guests:
            await self._serve_depot()
        await self._serve_media(settings)
        for machine in self.spec.machines:
            place = self._lab.machine(machine.name)
            self._machines[machine.name] = VirtualMachine(
                settings, machine, place, self._boot(machine, place)
            )
        await asyncio.gather(*(machine.open() for machine in self._machines.values()))

    async def close(self) -> None:
        """Close everything; guests stay on."""
        await asyncio.gather(*(machine.close() for machine in self._machines.values()))
        for server in self._servers:
            await server.cleanup()

    def machine(self, name: str) -> VirtualMachine:
        """The machine called ``name``. LabError where there is none."""
        if name not in self._machines:
            raise LabError(
                f"no machine {name!r} in this lab", next_step=f"one of {', '.join(self._machines)}"
            )
        return self._machines[name]

    def status(self) -> list[dict[str, object]]:
        """Plain values of every machine, in the plan's order."""
        return [machine.status() for machine in self._machines.values()]

    def _boot(self, machine: MachineSpec, place: MachineDir) -> BootOf:
        if machine.kind == "machine":
            hardware = hardware_of(machine, self.spec.id, place)
            qemu = Qemu(hardware, host_net(self.spec))
            return lambda trusts: QemuBoot(
                Parts(hardware, Drive(machine.bmc_address, trusts), qemu)
            )
        body = self._body(machine, place)
        return lambda _trusts: PlayedBoot(body)

    def _body(self, machine: MachineSpec, place: MachineDir) -> Body:
        if machine.kind == "ghost":
            address = machine.host_address
            return Ghost(address, machine.ssh_port, place.disk, machine.delays)
        recipe = recipe_digest(self.spec.image)
        environment = GuestEnvironment(
            image=image_dir(self._cache, recipe),
            recipe=recipe,
            suite=self.spec.image.suite,
            network=host_net(self.spec),
        )
        return Guest(environment, machine, place)

    async def _serve_depot(self) -> None:
        """Serve the mirror; its public key travels on the OS medium."""
        spec, depot = self.spec, depot_of(self.spec, self._state, self._cache)
        folders = depot.folders()
        self._servers.append(await serve_depot(spec.depot_address, spec.depot_port, folders))

    async def _serve_media(self, settings: LabSettings) -> None:
        spec = self.spec
        bootable = self._lab.medium
        medium = bootable if spec.metal else os_medium(spec, self._state).iso()
        leaf, media = settings.leaf(spec.media_address), {spec.media_path: medium}
        host, port = spec.media_address, spec.media_port
        self._servers.append(await serve_media(leaf, host, port, media))
