"""What is tried on a tree: each operation through the client, read and write."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bloomery.drivers.redfish.client import Dialer
from bloomery.drivers.redfish.identity import compare
from bloomery.drivers.redfish.protocol import Bmc, PowerAction, Sought, SystemFacts, Trust
from bloomery.drivers.redfish.wire import Pace
from bloomery.errors import BloomeryError
from bloomery.trust.ca import Leaf
from trees.bmc import RecordedBmc
from trees.recording import ROOT, Recording, as_object, link, members
from trees.server import serve

PASSWORD = "left-the-factory-1"  # noqa: S105 # of the server here, not of any machine
CHANGED = "Derived-9pass-7z"

IMAGE = "https://127.80.2.9:8480/media/installer.iso"

PATIENCE = 5.0
"""Seconds for what a BMC does after it accepted."""


class Fault(Exception):
    """The operation did not do what was asked; the text says why."""


@dataclass(frozen=True)
class Trial:
    """One tree under trial."""

    recording: Recording
    leaf: Leaf

    @contextmanager
    def bmc(self, password: str = PASSWORD, *, first: bool = False) -> Iterator[tuple[Bmc, str]]:
        """A fresh server and a session on it, with its address."""
        user = self.recording.account()
        served = RecordedBmc(self.recording, user, password, first=first)
        with serve(served, self.leaf) as address:
            bmc = self.login(address, password)
            try:
                yield bmc, address
            finally:
                bmc.close()

    @property
    def sought(self) -> Sought:
        """The machine as a delivery list has it."""
        label = self.recording.label()
        return Sought(label.bmc_mac, label.chassis_serial, label.system_uuid)

    def login(self, address: str, password: str) -> Bmc:
        """One login."""
        trust = Trust(cert_sha256=self.leaf.sha256)
        dial = Dialer(2.0, 5.0, Pace(task=5.0, settle=2.0, poll=0.2))
        return dial(address, trust, self.recording.account(), password, self.sought)


def facts(trial: Trial) -> None:
    """Read everything; the identity is that of the delivery list."""
    with trial.bmc() as (bmc, _):
        likeness = compare(trial.sought, bmc.facts())
        if likeness.differs:
            raise Fault(str(likeness))
        if not likeness.proven:
            raise Fault(likeness.lacking())


def media(trial: Trial) -> None:
    """Insert the installation medium, see it, eject it, see it gone."""
    with trial.bmc() as (bmc, _):
        bmc.believe_ca("Cd", trial.leaf.certificate.decode())
        bmc.insert_media("Cd", IMAGE)
        _until(bmc, lambda seen: "Cd" in seen.media, "the medium is not shown")
        bmc.eject_media("Cd")
        _until(bmc, lambda seen: "Cd" not in seen.media, "the medium is still shown")


def boot_once(trial: Trial) -> None:
    """Set the override for one boot, see it; the next boot uses it up."""
    with trial.bmc() as (bmc, _):
        bmc.boot_once("Cd")
        seen = bmc.facts()
        if "Cd" not in (seen.boot_once, seen.boot_always):
            raise Fault("the override is not shown")
        bmc.clear_boot()
        if bmc.facts().boot_once:
            raise Fault("the override is still shown")


STEPS: tuple[tuple[PowerAction, str], ...] = (("ForceOff", "Off"), ("On", "On"))


def _is(state: str) -> Callable[[SystemFacts], bool]:
    return lambda seen: seen.power == state


def power(trial: Trial) -> None:
    """Off, on, and on again where it is on already."""
    with trial.bmc() as (bmc, _):
        for action, state in STEPS:
            bmc.power(action)
            _until(bmc, _is(state), f"power is not {state}")
        bmc.power("On")


def bios(trial: Trial) -> None:
    """Stage a value, restart, see that it holds."""
    with trial.bmc() as (bmc, _):
        before = bmc.facts().bios
        name = next(one for one, value in sorted(before.items()) if value)
        wanted = _another(before[name])
        bmc.set_bios({name: wanted})
        if bmc.facts().power != "Off":
            bmc.power("ForceOff")
        bmc.power("On")
        _until(bmc, lambda seen: seen.bios.get(name) == wanted, f"{name} did not hold")


def _another(value: str) -> str:
    known = {"True": "False", "False": "True", "Enabled": "Disabled", "Disabled": "Enabled"}
    return known.get(value) or (str(int(value) + 1) if value.isdigit() else value + "2")


def password(trial: Trial) -> None:
    """Change the password, log in with it; as from the factory too, where it must be changed."""
    for first in (False, True):
        with trial.bmc(first=first) as (bmc, address):
            bmc.set_password(trial.recording.account(), CHANGED)
            again = trial.login(address, CHANGED)
            again.close()


def firmware(trial: Trial) -> None:
    """Read the versions of all firmware."""
    with trial.bmc() as (bmc, _):
        if not any(bmc.firmware().values()):
            raise Fault("no version is told")


def _until(bmc: Bmc, good: Callable[[SystemFacts], bool], why: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not good(bmc.facts()):
        if time.monotonic() > ends:
            raise Fault(why)
        time.sleep(0.1)


Offered = Callable[[Recording], bool]


def _always(_recording: Recording) -> bool:
    return True


def _has_media(recording: Recording) -> bool:
    homes = (recording.host()[1], recording.manager()[1])
    return any(recording.has(link(home, "VirtualMedia")) for home in homes)


def _has_boot(recording: Recording) -> bool:
    host = recording.host()[1]
    settings = recording.get(link(host, "@Redfish.Settings", "SettingsObject"))
    return any("BootSourceOverrideTarget" in as_object(one.get("Boot")) for one in (host, settings))


def _has_reset(recording: Recording) -> bool:
    return "#ComputerSystem.Reset" in as_object(recording.host()[1].get("Actions"))


def _has_bios(recording: Recording) -> bool:
    return bool(recording.get(link(recording.host()[1], "Bios")).get("Attributes"))


def _has_accounts(recording: Recording) -> bool:
    service = recording.get(link(recording.get(ROOT), "AccountService"))
    return bool(members(recording.get(link(service, "Accounts"))))


def _has_firmware(recording: Recording) -> bool:
    service = recording.get(link(recording.get(ROOT), "UpdateService"))
    return recording.has(link(service, "FirmwareInventory"))


OPERATIONS: dict[str, tuple[Offered, Callable[[Trial], None]]] = {
    "facts": (_always, facts),
    "media": (_has_media, media),
    "boot once": (_has_boot, boot_once),
    "power": (_has_reset, power),
    "BIOS": (_has_bios, bios),
    "password": (_has_accounts, password),
    "firmware inventory": (_has_firmware, firmware),
}
"""Name -> whether the tree has the resource, and the trial."""

Outcome = str
"""``ok``, ``not offered`` or ``fault: why``."""


def try_all(recording: Recording, leaf: Leaf) -> dict[str, Outcome]:
    """Every operation on one tree, each on a fresh server."""
    trial = Trial(recording, leaf)
    return {
        name: _outcome(trial, act) if offered(recording) else "not offered"
        for name, (offered, act) in OPERATIONS.items()
    }


def _outcome(trial: Trial, act: Callable[[Trial], None]) -> Outcome:
    try:
        act(trial)
    except Fault as fault:
        return f"fault: {fault}"
    except BloomeryError as error:
        return f"fault: {error.reason}"
    except Exception as error:  # noqa: BLE001 # a bug of the client is a fault of this tree
        return f"fault: {type(error).__name__}: {error}"
    return "ok"
