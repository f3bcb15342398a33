"""The contract on the fake itself, without sockets: for tests of what is built on it.

Speaks of the plain BMC: personalities exist on the wire alone. Takes the same faults as
the wire does. Its calls block, as ``protocol.Bmc`` says, so they must come from another
thread than the one that runs the fake's event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from bloomery.drivers.redfish import values
from bloomery.drivers.redfish.fake import Down, FakeBmc, Refusal
from bloomery.drivers.redfish.fake.media import SLOTS
from bloomery.drivers.redfish.fake.power import STEPS
from bloomery.drivers.redfish.fake.tasks import TARGETS
from bloomery.drivers.redfish.protocol import (
    ANY,
    Bmc,
    MediaSlot,
    MediaTrust,
    Personality,
    PowerAction,
    Sought,
    SystemFacts,
    SystemNow,
    Trust,
)
from bloomery.errors import (
    BloomeryError,
    Busy,
    CredentialRefused,
    DeviceError,
    LockedOut,
    PasswordExpired,
    SessionEnded,
    Unreachable,
    Unsupported,
)

T = TypeVar("T")

V1 = "/redfish/v1"
SYSTEM = f"{V1}/Systems/1"
MANAGER = f"{V1}/Managers/1"
MEDIA = f"{MANAGER}/VirtualMedia"

READ = (
    SYSTEM,
    f"{SYSTEM}/Bios",
    f"{SYSTEM}/Bios/Settings",
    f"{V1}/Chassis/1",
    MANAGER,
    MEDIA,
    *(f"{MEDIA}/{slot}" for slot in SLOTS),
)
"""What a reading of all facts reads, parents first."""


@dataclass(frozen=True)
class InProcess:
    """Connects to fakes by address. Trust is not looked at: there is no TLS to look at."""

    fakes: Mapping[str, FakeBmc]
    """Who answers where. Looked up at each call, so that a fake may be started anew."""
    loop: asyncio.AbstractEventLoop
    """The loop the fakes run on."""

    def __call__(
        self, address: str, _trust: Trust, username: str, password: str, _sought: Sought = ANY, /
    ) -> Bmc:
        """Log in once. See ``protocol.Connect``."""
        bmc = FakeSession(address, self.fakes, self.loop)
        bmc.login(username, password)
        return bmc


class FakeSession:
    """One session on the fake."""

    def __init__(
        self, address: str, fakes: Mapping[str, FakeBmc], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._address = address
        self._fakes = fakes
        self._loop = loop
        self._id = ""
        self._token = ""

    @property
    def _fake(self) -> FakeBmc:
        fake = self._fakes.get(self._address)
        if fake is None:
            raise Unreachable("nothing listens there", subject=self._address)
        return fake

    def login(self, username: str, password: str) -> None:
        """Open the session."""

        def log_in() -> None:
            session = self._fake.sessions.open(username, password)
            self._id, self._token = session.id, session.token

        self._call(log_in, f"{V1}/SessionService/Sessions", login=True)

    def facts(self) -> SystemFacts:
        """See ``protocol.Bmc``."""
        return self._call(self._facts, *READ)

    def _facts(self) -> SystemFacts:
        fake = self._fake
        override = fake.power.override()
        now = fake.bios.now()
        return SystemFacts(
            bmc_macs=(values.mac(fake.identity.mac),),
            serials={"the chassis": values.serial(fake.identity.serial)},
            system_uuid=values.uuid(fake.identity.uuid),
            model=fake.identity.model,
            power=fake.power.state(),
            asset_tag=values.tag(fake.state.asset_tag),
            bmc_version=fake.firmware.version("BMC"),
            bios_version=fake.firmware.version("BIOS"),
            bios=now,
            bios_pending={k: v for k, v in fake.bios.pending().items() if now.get(k) != v},
            media={slot: fake.media.url(slot) for slot in SLOTS if fake.media.url(slot)},
            boot_once=override.target if override.enabled == "Once" else "",
            boot_always=override.target if override.enabled == "Continuous" else "",
            boot_progress=fake.power.boot_progress(),
        )

    def now(self) -> SystemNow:
        """See ``protocol.Bmc``."""
        return self._call(self._now, SYSTEM)

    def _now(self) -> SystemNow:
        power = self._fake.power
        tag = values.tag(self._fake.state.asset_tag)
        return SystemNow(power.state(), power.boot_progress(), tag)

    def personality(self) -> Personality:
        """See ``protocol.Bmc``."""
        return self._call(
            lambda: Personality(
                kind="fake",
                why="no BMC behind it",
                slots={"Cd": f"{MEDIA}/Cd", "Seed": f"{MEDIA}/Seed"},
                insert={"Cd": "action", "Seed": "action"},
                boot_resource=SYSTEM,
                boot_targets={"Cd": "Cd", "Hdd": "Hdd"},
                bios_resource=f"{SYSTEM}/Bios/Settings",
                resets=tuple(STEPS),
            ),
            *READ,
        )

    def firmware(self) -> Mapping[str, str]:
        """See ``protocol.Bmc``."""
        return self._call(
            lambda: {target: self._fake.firmware.version(target) for target in TARGETS},
            f"{V1}/UpdateService/FirmwareInventory",
        )

    def password_expired(self) -> bool:
        """See ``protocol.Bmc``."""
        path = f"{V1}/SessionService/Sessions"
        return self._call(lambda: self._fake.accounts.expired(self._user()), path)

    def _user(self) -> str:
        return self._fake.sessions.use(self._token).user

    def set_password(self, username: str, password: str) -> None:
        """See ``protocol.Bmc``."""
        path = f"{V1}/AccountService/Accounts/{username}"
        self._call(lambda: self._fake.accounts.set_password(username, password), path)

    def set_bios(self, attributes: Mapping[str, str]) -> None:
        """See ``protocol.Bmc``."""

        def stage() -> None:
            missing = sorted(set(attributes) - set(self._fake.bios.now()))
            if missing:
                raise Unsupported(f"the BIOS lists no {', '.join(missing)}", subject=self._address)
            self._fake.bios.stage(attributes)

        self._call(stage, SYSTEM, f"{SYSTEM}/Bios", f"{SYSTEM}/Bios/Settings")

    def insert_media(self, slot: MediaSlot, url: str) -> None:
        """See ``protocol.Bmc``."""

        def insert() -> None:
            if self._fake.media.url(slot) != url:
                self._fake.media.eject(slot)
                self._fake.media.insert(slot, url)

        self._call(insert, MANAGER, MEDIA, f"{MEDIA}/{slot}")

    def believe_ca(self, slot: MediaSlot, ca: str) -> MediaTrust:
        """See ``protocol.Bmc``; the plain BMC keeps no CAs."""
        del ca
        said = MediaTrust(verifies=False, why="no place for a CA")
        return self._call(lambda: said, MANAGER, MEDIA, f"{MEDIA}/{slot}")

    def eject_media(self, slot: MediaSlot) -> None:
        """See ``protocol.Bmc``."""
        self._call(lambda: self._fake.media.eject(slot), MANAGER, MEDIA, f"{MEDIA}/{slot}")

    def boot_once(self, target: Literal["Cd", "Hdd"]) -> None:
        """See ``protocol.Bmc``."""
        self._call(lambda: self._fake.power.set_override(target, "Once"), SYSTEM)

    def clear_boot(self) -> None:
        """See ``protocol.Bmc``."""
        self._call(lambda: self._fake.power.set_override("None", "Disabled"), SYSTEM)

    def power(self, action: PowerAction) -> None:
        """See ``protocol.Bmc``."""
        self._call(lambda: self._fake.power.reset(action), SYSTEM)

    def set_asset_tag(self, tag: str) -> None:
        """See ``protocol.Bmc``."""
        self._call(lambda: self._fake.power.set_asset_tag(tag), SYSTEM)

    def reset_bmc(self) -> None:
        """See ``protocol.Bmc``."""
        self._call(lambda: self._fake.reset_bmc("GracefulRestart"), MANAGER)

    def end_other_sessions(self) -> None:
        """See ``protocol.Bmc``."""

        def end() -> None:
            mine = self._fake.sessions.use(self._token).user
            for session in self._fake.sessions.all():
                if session.id != self._id and session.user == mine:
                    self._fake.sessions.close(session.id)

        try:
            self._call(end, f"{V1}/SessionService")
        except BloomeryError:
            return  # they expire by themselves

    def close(self) -> None:
        """See ``protocol.Bmc``."""
        try:
            self._call(lambda: self._fake.sessions.close(self._id), f"{V1}/SessionService")
        except BloomeryError:
            return  # the session ended before, which is what was wanted

    def _call(self, work: Callable[[], T], *paths: str, login: bool = False) -> T:
        """Visit the paths, then work, on the fake's loop; translate what is refused."""

        async def visit_and_work() -> T:
            for path in paths:
                await self._fake.visit(path)
                if not login:
                    user = self._fake.sessions.use(self._token).user
                    self._fake.accounts.admit(user, path)
                self._fake.faults.seen(path)
            return work()

        try:
            return asyncio.run_coroutine_threadsafe(visit_and_work(), self._loop).result()
        except Down:
            raise Unreachable("no answer: the BMC restarts", subject=self._address) from None
        except Refusal as refusal:
            raise self._translate(refusal, login=login) from refusal

    def _translate(self, refusal: Refusal, *, login: bool) -> BloomeryError:
        reason = f"HTTP {refusal.status}: {refusal.text}"
        if refusal.status == 401:
            kind = LockedOut if "locked" in refusal.text else CredentialRefused
            return (kind if login else SessionEnded)(reason, subject=self._address)
        if refusal.status == 403:
            return PasswordExpired(reason, subject=self._address)
        if refusal.status in (409, 412, 500, 502, 503, 504):
            return Busy(reason, subject=self._address)
        if refusal.status in (400, 404, 405):
            return Unsupported(reason, subject=self._address)
        return DeviceError(reason, subject=self._address)
