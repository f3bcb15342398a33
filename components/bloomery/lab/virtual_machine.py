"""One virtual machine put together: what the power button switches, BMC and its HTTPS address."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bloomery.drivers.redfish.fake import FAULTS, FakeBmc
from bloomery.drivers.redfish.fake.personalities import PERSONALITIES
from bloomery.errors import LabError
from bloomery.lab.console import Console
from bloomery.lab.faults import MEANINGS, ONCE, MachineFaults
from bloomery.lab.fetch import Fetcher, Trusts, tls_of
from bloomery.lab.files import read_json, write_json
from bloomery.lab.layout import MachineDir
from bloomery.lab.powered import Boot, Chip, Powered
from bloomery.lab.redfish import server
from bloomery.lab.sealed_medium import shown
from bloomery.lab.spec import MachineSpec
from bloomery.trust.ca import Leaf, issue
from bloomery.trust.factory import factory_login
from bloomery.trust.secret import SiteSecret

BootOf = Callable[[Trusts], Boot]
"""Makes how a machine boots, given whom its BMC reads media from."""


@dataclass(frozen=True)
class LabSettings:
    """What all machines of one lab share."""

    site: str
    secret: SiteSecret
    ca: Path
    factory: Path
    recipe: str
    time_factor: float

    def leaf(self, address: str, serial: str = "") -> Leaf:
        """A fresh certificate for an address of the lab."""
        now = datetime.datetime.now(datetime.UTC)
        return issue(self.secret, self.site, self.ca, address, now, serial)


class VirtualMachine:
    """One machine of the lab."""

    def __init__(
        self, settings: LabSettings, machine: MachineSpec, place: MachineDir, boot: BootOf
    ) -> None:
        self.machine = machine
        self._place = place
        self._ca = settings.ca
        self._leaf = _kept_leaf(settings, machine, place)
        chip = Chip(
            console=Console(place.console),
            power_file=place.power,
            seed_file=place.seed,
            fetch=Fetcher(machine.bmc_address, self._trusts),
            recipe=settings.recipe,
            post_seconds=machine.delays.post,
            fetch_itself=Fetcher(
                machine.host_address,
                lambda _url: tls_of(self.bmc.media.cas.firmware(), self._ca),
                whole=True,
            ),
        )
        self.powered = Powered(chip, boot(self._trusts), _kept_faults(place))
        self.bmc = FakeBmc(
            machine.chassis_serial,
            machine.system_uuid,
            machine.bmc_mac,
            machine.model,
            self.powered,
            dict([_factory(settings, machine)]),
            snapshot=read_json(place.bmc),
            save=lambda memory: write_json(place.bmc, memory),
            time_factor=settings.time_factor,
            personality=PERSONALITIES[machine.personality],
        )
        self._server: server.Site | None = None

    async def open(self) -> None:
        """Take over what runs, then answer on the BMC's address. LabError when it is taken."""
        await self.powered.resume()
        host, port = self.machine.bmc_address, self.machine.bmc_port
        try:
            self._server = await server.serve(self.bmc, host, port, self._leaf)
        except OSError as error:
            raise LabError(f"BMC cannot listen on {host}:{port}: {error.strerror}") from error

    async def close(self) -> None:
        """Stop answering. A guest stays on."""
        if self._server is not None:
            await self._server.close()
        await self.powered.close()

    async def fault(self, name: str, options: dict[str, str]) -> None:
        """Put a fault of the BMC or of the machine in force. LabError when there is none such."""
        if name in {kind.name for kind in FAULTS}:
            self.bmc.faults.apply(name, **options)
            return
        if name not in MEANINGS:
            known = sorted([*MEANINGS, *(kind.name for kind in FAULTS)])
            raise LabError(f"unknown fault {name!r}", next_step=f"one of {', '.join(known)}")
        before = self.powered.faults
        if name not in ONCE:
            self._keep(self.powered.faults.with_fault(name, options.get("value", "")))
        try:
            await self.powered.begin(name)
        except LabError:
            self._keep(before)  # what was refused is not in force
            raise

    async def clear(self, name: str) -> None:
        """Take back one fault, or ``all``."""
        gone = set(self.powered.faults.active) if name == "all" else {name}
        self._keep(self.powered.faults.without(name))
        for each in gone & MEANINGS.keys():
            await self.powered.end(each)
        self.bmc.faults.clear("" if name == "all" else name)

    def status(self) -> dict[str, object]:
        """Plain values for ``bloomery lab status``."""
        machine = self.machine
        return {
            "name": machine.name,
            "kind": machine.kind,
            "power": self.bmc.power.state(),
            "progress": self.bmc.power.boot_progress(),
            "bmc": f"{machine.bmc_address}:{machine.bmc_port}",
            "host": f"{machine.host_address}:{machine.ssh_port}",
            "tag": shown(self.bmc.state.asset_tag),
            "faults": [*self.powered.faults.active, *self.bmc.faults.active()],
        }

    def _trusts(self, url: str) -> ssl.SSLContext | None:
        """As the slot that holds ``url`` was told; a BMC without such slots came with the CA."""
        if "https" not in self.bmc.personality.media.schemes:
            return None
        return tls_of(self.bmc.media.cas.belief(url), self._ca)

    def _keep(self, faults: MachineFaults) -> None:
        self.powered.faults = faults
        write_json(self._place.faults, dict(faults.active))


def _factory(settings: LabSettings, machine: MachineSpec) -> tuple[str, str]:
    return factory_login(settings.secret, settings.site, settings.factory, machine.chassis_serial)


def _kept_faults(place: MachineDir) -> MachineFaults:
    kept = read_json(place.faults) or {}
    return MachineFaults({name: str(value) for name, value in kept.items()})


def _kept_leaf(settings: LabSettings, machine: MachineSpec, place: MachineDir) -> Leaf:
    """The certificate the BMC showed before, or its first one."""
    kept = read_json(place.leaf)
    if kept is not None and kept.get("address") == machine.bmc_address:
        certificate, key = str(kept["certificate"]), str(kept["key"])
        return Leaf(certificate.encode(), key.encode(), str(kept["sha256"]))
    leaf = settings.leaf(machine.bmc_address, machine.chassis_serial)
    record = {
        "address": machine.bmc_address,
        "certificate": leaf.certificate.decode(),
        "key": leaf.key.decode(),
        "sha256": leaf.sha256,
    }
    write_json(place.leaf, record)
    return leaf
