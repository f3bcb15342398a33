"""The power button: reset types, POST, the one-time boot override.

The truth about power is the machine's; this file only knows what is under way.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Literal, get_args
from urllib.parse import urlparse

from bloomery.drivers.redfish.fake.faults import Faults
from bloomery.drivers.redfish.fake.media import VirtualMedia
from bloomery.drivers.redfish.fake.personality import Habits
from bloomery.drivers.redfish.fake.refusal import Refusal, not_in_list
from bloomery.drivers.redfish.fake.state import Board, Override, OverrideEnabled
from bloomery.drivers.redfish.machine import BootOrder, Machine, Source
from bloomery.errors import LabError

LOG = logging.getLogger(__name__)

Step = Literal["on", "off", "shutdown"]

STEPS: Mapping[str, tuple[Step, ...]] = {
    "On": ("on",),
    "ForceOn": ("on",),
    "ForceOff": ("off",),
    "GracefulShutdown": ("shutdown",),
    "ForceRestart": ("off", "on"),
    "GracefulRestart": ("shutdown", "on"),
    "PowerCycle": ("off", "on"),
    "PushPowerButton": ("shutdown",),
    "Nmi": (),
}
"""Redfish ResetType -> what is done, for a machine that is on."""

FORCED = ("ForceOff", "ForceRestart", "PowerCycle")
"""Reset types that are taken while another power change is under way."""

STARTS, ENDS = ("On", "ForceOn"), ("ForceOff", "GracefulShutdown")
"""Reset types with nothing to do where the machine is on, and where it is off."""

HTTP = "UefiHttp"
"""Target of a boot over HTTP."""

POST_HANG_STATE = "MemoryInitializationStarted"
"""BootProgress of a machine that hangs in POST; memory training is where they do."""


class Power:
    """Power and boot of one machine."""

    def __init__(
        self,
        board: Board,
        machine: Machine,
        faults: Faults,
        media: VirtualMedia,
        at_reset: Callable[[], tuple[tuple[str, str], ...]],
        habits: Habits | None = None,
    ) -> None:
        """``at_reset`` applies what waits for a reset and returns the BIOS in force; ``habits`` are
        those of a personality, by default of the plain BMC."""
        self._board = board
        self._machine = machine
        self._faults = faults
        self._media = media
        self._at_reset = at_reset
        self._habits = habits or Habits()
        self._doing: asyncio.Task[None] | None = None
        self._step: Step | None = None
        self._posting: asyncio.Task[None] | None = None
        self.trouble = ""
        """Why the last power change failed; empty when it did not."""

    def state(self) -> str:
        """Redfish PowerState, as reported (a fault may make it lie)."""
        if self._posting is not None:
            true = "On"
        elif self._step is not None:
            true = "PoweringOn" if self._step == "on" else "PoweringOff"
        else:
            true = "On" if self._machine.is_on() else "Off"
        if self._faults.has("power-wrong"):
            return "Off" if true == "On" else "On"
        return true

    def boot_progress(self) -> str:
        """Redfish BootProgress.LastState."""
        if self._posting is not None:
            return POST_HANG_STATE
        return self._machine.boot_progress() if self._machine.is_on() else "None"

    def override(self) -> Override:
        """The boot override that waits."""
        return self._board.state.boot

    def set_override(self, target: str | None, enabled: str | None) -> None:
        """Change the override; ``None`` leaves a part as it is. Raises Refusal (400)."""
        boot = self._board.state.boot
        if target is not None:
            if target not in self._habits.targets:
                raise not_in_list("BootSourceOverrideTarget", target)
            boot.target = target
        if enabled is not None:
            kind = _enabled(enabled)
            kept = kind == "Once" and self._habits.once_kept
            boot.enabled = "Continuous" if kept else kind
        self._board.changed()

    def set_uri(self, uri: str) -> None:
        """What firmware is to start from by HTTP; empty for nothing. Raises Refusal (400)."""
        parts = urlparse(uri)
        if not self._habits.http_boot or (
            uri and (parts.scheme not in ("http", "https") or not parts.hostname)
        ):
            text = "The value of the property HttpBootUri is not a URL that firmware starts from."
            raise Refusal(400, "PropertyValueFormatError", text, related="/Boot/HttpBootUri")
        self._board.state.boot.uri = uri
        self._board.changed()

    def set_asset_tag(self, tag: str) -> None:
        """Write the marker."""
        self._board.state.asset_tag = tag
        self._board.changed()

    def reset(self, kind: str) -> None:
        """Start a power change and return. Raises Refusal (400, 409 while one is under way)."""
        if kind not in self._habits.resets:
            raise not_in_list("ResetType", kind)
        self._refuse_idle(kind)
        before = self._doing
        if before is not None and kind not in FORCED:
            text = f"ResetType {kind} is refused while another power change is under way."
            raise Refusal(409, "ResourceInUse", text)
        steps = self._steps(kind)
        if self._posting is not None:  # POST can be cut short; the machine's own calls cannot
            self._posting.cancel()
        if before is None and steps:
            self._step = steps[0]
        self._doing = asyncio.get_running_loop().create_task(self._run(steps, before))

    def _refuse_idle(self, kind: str) -> None:
        idle = STARTS if self._machine.is_on() else ENDS
        if self._habits.reset_conflict and self._doing is None and kind in idle:
            text = f"ResetType {kind} is refused: the system is in that state already."
            raise Refusal(409, "NoOperation", text)

    async def settle(self) -> None:
        """Wait until no power change is under way."""
        while self._doing is not None:
            await asyncio.wait({self._doing})

    async def stop(self) -> None:
        """End what is under way without touching the machine, when the emulator stops."""
        if self._doing is not None:
            self._doing.cancel()
            await asyncio.wait({self._doing})

    def _steps(self, kind: str) -> tuple[Step, ...]:
        if self._machine.is_on() or self._doing is not None:
            return () if kind in ("On", "ForceOn") else STEPS[kind]
        starts = "on" in STEPS[kind] or kind == "PushPowerButton"
        return ("on",) if starts else ()

    async def _run(self, steps: tuple[Step, ...], before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        self.trouble = ""
        try:
            for step in steps:
                if self._doing is not asyncio.current_task():
                    return  # a forced change came after this one and takes its place
                self._step = step
                await self._do(step)
        except LabError as exc:
            self.trouble = str(exc)
            LOG.warning("power change failed: %s", exc)
        finally:
            self._step = None
            if self._doing is asyncio.current_task():
                self._doing = None

    async def _do(self, step: Step) -> None:
        if step != "on":
            if self._machine.is_on():
                await self._machine.power_off(graceful=step == "shutdown")
            return
        if self._machine.is_on():
            return
        bios = self._at_reset()
        if self._faults.has("post-hang"):
            await self._hang()
        await self._machine.power_on(self._boot_order(bios))

    async def _hang(self) -> None:
        self._posting = asyncio.current_task()
        try:
            await self._faults.until_cleared("post-hang")
        finally:
            self._posting = None

    def _boot_order(self, bios: tuple[tuple[str, str], ...]) -> BootOrder:
        boot = self._board.state.boot
        by_http = boot.target == HTTP
        disc, other = (boot.uri, "") if by_http else self._media.disc_and_other()
        wants_cd = boot.enabled != "Disabled" and boot.target == self._habits.disc_target
        if boot.enabled == "Once":
            self._board.state.boot = Override(uri=boot.uri)
            self._board.changed()
        medium: Source = "Http" if by_http else "Cd"
        source: Source = medium if wants_cd and disc else "Hdd"
        tag = self._board.state.asset_tag
        return BootOrder(source, cd_url=disc, seed_url=other, asset_tag=tag, bios=bios)


def _enabled(text: str) -> OverrideEnabled:
    choices: tuple[OverrideEnabled, ...] = get_args(OverrideEnabled)
    for value in choices:
        if text == value:
            return value
    raise not_in_list("BootSourceOverrideEnabled", text)
