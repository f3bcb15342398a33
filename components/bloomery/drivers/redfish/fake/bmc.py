"""One BMC: the nouns put together, its own restart, and its memory."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bloomery.drivers.redfish.fake.accounts import Accounts
from bloomery.drivers.redfish.fake.bios import FACTORY_BIOS, BiosSettings
from bloomery.drivers.redfish.fake.certificates import Certificates
from bloomery.drivers.redfish.fake.faults import Faults
from bloomery.drivers.redfish.fake.jobs import Jobs
from bloomery.drivers.redfish.fake.media import VirtualMedia
from bloomery.drivers.redfish.fake.personality import STANDARD, LabPersonality
from bloomery.drivers.redfish.fake.power import Power
from bloomery.drivers.redfish.fake.refusal import Down, not_in_list
from bloomery.drivers.redfish.fake.sessions import Sessions
from bloomery.drivers.redfish.fake.state import (
    Account,
    BiosState,
    BmcState,
    Board,
    Lockout,
    factory_accounts,
)
from bloomery.drivers.redfish.fake.tasks import Firmware
from bloomery.drivers.redfish.machine import Machine

FACTORY_FIRMWARE: Mapping[str, str] = {"BMC": "2.10.0", "BIOS": "1.8.2"}
"""Versions a machine is delivered with."""

RESET_SECONDS = ((0.1, 88.0, 100.0), (0.8, 112.0, 120.0), (0.1, 200.0, 240.0))
"""How long a BMC is away after a reset: share of BMCs, least and most seconds. Measured
on 150 servers by xCAT users (issue xcat2/xcat-core#2693)."""

RESET_TYPES = ("GracefulRestart", "ForceRestart")
"""What ``Manager.Reset`` takes."""

LOG_LENGTH = 200
"""Calls remembered for ``lab status`` and the tests."""


@dataclass(frozen=True)
class Identity:
    """What tells this machine from all others."""

    serial: str
    """Chassis serial number."""
    uuid: str
    """System UUID."""
    mac: str
    """MAC address of the BMC."""
    model: str


class FakeBmc:
    """A BMC without sockets. Use it on one event loop only.

    ``users`` are the accounts of the factory, name -> password; ``snapshot`` is what
    ``save`` was last given, and wins over them. ``time_factor`` scales how long the
    hardware takes (BMC reset, flash): 1 is as slow as metal, tests use 0.001. Settings
    such as the lock-out duration are never scaled.
    """

    def __init__(
        self,
        identity_serial: str,
        system_uuid: str,
        bmc_mac: str,
        model: str,
        machine: Machine,
        users: Mapping[str, str],
        snapshot: Mapping[str, object] | None = None,
        save: Callable[[dict[str, object]], None] | None = None,
        time_factor: float = 1.0,
        *,
        bios: Mapping[str, str] = FACTORY_BIOS,
        personality: LabPersonality = STANDARD,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.identity = Identity(identity_serial, system_uuid, bmc_mac, model)
        self.calls: deque[tuple[str, str, int]] = deque(maxlen=LOG_LENGTH)
        """Last calls over the wire: method, path, HTTP status."""
        self.personality = personality
        self._users = dict(users)
        self._save = save
        self._random = random.Random(system_uuid)  # noqa: S311 - repeatable, guards nothing
        self._back_at = 0.0
        state = BmcState.model_validate(snapshot) if snapshot else self._new_state(bios)
        self._board = Board(state, clock, time_factor, self._changed)
        self.faults = Faults(self._board)
        self.accounts = Accounts(self._board, self.faults)
        self.sessions = Sessions(
            self._board, self.accounts, self.faults, personality.habits.session_limit
        )
        self.bios = BiosSettings(
            self._board,
            self.faults,
            bios,
            needs_time=personality.habits.apply_time == "required",
        )
        self.media = VirtualMedia(self._board, personality.media)
        self.jobs = Jobs(self._board)
        self.firmware = Firmware(self._board)
        self.certificates = Certificates(self._board)
        self.power = Power(
            self._board, machine, self.faults, self.media, self._at_reset, personality.habits
        )

    @property
    def state(self) -> BmcState:
        """What the BMC remembers; change it through the nouns only."""
        return self._board.state

    def snapshot(self) -> dict[str, object]:
        """The memory as plain JSON values, for a later ``snapshot=``."""
        return self._board.state.model_dump(mode="json")

    def back_in(self) -> float:
        """Seconds until the BMC answers again; 0 when it does now."""
        return max(0.0, self._back_at - self._board.clock())

    async def visit(self, path: str) -> None:
        """Pass one call through reset and faults. Raises Down and Refusal."""
        if self.back_in() > 0:
            raise Down
        await self.faults.visit(path)

    def reset_bmc(self, kind: str) -> None:
        """Restart the BMC: sessions go, staged BMC firmware is applied. Raises Refusal (400)."""
        if kind not in RESET_TYPES:
            raise not_in_list("ResetType", kind)
        self._back_at = self._board.clock() + self._reset_seconds()
        self.sessions.drop_all()
        self.faults.forget_seen()
        self.faults.take("bios-key-missing")
        if self.firmware.apply("BMC") and self.faults.take("factory-reset"):
            self._factory_reset()

    async def stop(self) -> None:
        """End what is under way; the machine stays as it is."""
        await self.power.stop()

    def _at_reset(self) -> tuple[tuple[str, str], ...]:
        if self.firmware.apply("BIOS") and self.faults.take("factory-reset"):
            self.bios.factory_reset()
        self.jobs.reset()
        return self.bios.apply()

    def _reset_seconds(self) -> float:
        point = 1.0 if self.faults.has("slow-reset") else self._random.random()
        low, high = RESET_SECONDS[-1][1:]
        for share, least, most in RESET_SECONDS:
            if point < share:
                low, high = least, most
                break
            point -= share
        return self._random.uniform(low, high) * self._board.time_factor

    def _factory_reset(self) -> None:
        state = self._board.state
        state.accounts = self._factory_accounts()
        state.lockout = Lockout()
        state.certificate = ""
        self.media.eject_all()
        self.certificates.reload()
        self._changed()

    def _factory_accounts(self) -> dict[str, Account]:
        change = self.personality.habits.change_first != "no"
        return factory_accounts(self._users, must_change=change)

    def _new_state(self, bios: Mapping[str, str]) -> BmcState:
        return BmcState(
            accounts=self._factory_accounts(),
            bios=BiosState(now=dict(bios)),
            firmware=dict(FACTORY_FIRMWARE),
        )

    def _changed(self) -> None:
        if self._save is not None:
            self._save(self.snapshot())
