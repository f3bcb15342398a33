"""Faults on demand, by name, as data.

One table says which faults exist and which options they take; ``Faults`` holds those in
force. The behaviour itself stands where the noun concerned lives and asks ``option``.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

from bloomery.drivers.redfish.fake.refusal import Refusal, missing
from bloomery.drivers.redfish.fake.state import ActiveFault, Board
from bloomery.errors import LabError

TREES = ("/redfish/v1/Systems", "/redfish/v1/Managers", "/redfish/v1/Chassis")
"""Where ``parent-first`` bites: the device trees, so that a login still works."""


@dataclass(frozen=True)
class FaultKind:
    """A fault that can be asked for."""

    name: str
    help: str
    """One line for the command line."""
    options: dict[str, str] = field(default_factory=dict)
    """Option -> default, as text; an empty default of ``key`` must be given."""


FAULTS: tuple[FaultKind, ...] = (
    FaultKind(
        "http",
        "answer the next COUNT calls (on paths that contain PATH) with HTTP STATUS",
        {"status": "503", "count": "1", "path": ""},
    ),
    FaultKind(
        "slow",
        "answer calls on paths that contain PATH only after SECONDS",
        {"seconds": "5", "path": ""},
    ),
    FaultKind("post-hang", "stop in POST at the next power-on, until cleared"),
    FaultKind(
        "bios-key-missing", "leave out the BIOS attribute KEY until the BMC is reset", {"key": ""}
    ),
    FaultKind("factory-reset", "lose accounts or BIOS settings when the next firmware is applied"),
    FaultKind(
        "parent-first",
        "answer 404 on paths that contain PATH until the parent resource was read",
        {"path": ""},
    ),
    FaultKind("sessions-full", "refuse new sessions as if all were in use"),
    FaultKind("power-wrong", "report the opposite of the true power state"),
    FaultKind("slow-reset", "take as long as the slowest BMC seen to come back from a reset"),
    FaultKind(
        "account-locked", "treat the account USER (empty: every account) as locked", {"user": ""}
    ),
)
"""Each was seen on real BMCs and reported in the public issues of bare-metal tools."""

RANGES = {"status": (400, 599), "count": (0, 1_000_000), "seconds": (0, 3600)}
"""Options that are numbers, and what they may be; seconds alone may have a fraction."""

KINDS = {kind.name: kind for kind in FAULTS}


class Faults:
    """The faults in force on one BMC."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._seen: set[str] = set()
        self._moved = asyncio.Event()

    def apply(self, name: str, **options: str | int | float) -> None:
        """Put a fault in force, replacing one of the same name. Raises LabError."""
        kind = KINDS.get(name)
        if kind is None:
            raise LabError(f"no fault '{name}'", next_step=f"one of {', '.join(KINDS)}")
        unknown = sorted(set(options) - set(kind.options))
        if unknown:
            raise LabError(f"fault '{name}' has no option {', '.join(unknown)}")
        chosen = {**kind.options, **{key: str(value) for key, value in options.items()}}
        for key in set(chosen) & set(RANGES):
            _check_number(name, key, chosen[key])
        if chosen.get("key") == "":
            raise LabError(f"fault '{name}' needs the option key")
        self._drop(name)
        self._board.state.faults.append(ActiveFault(name=name, options=chosen))
        self._seen.clear()
        self._tell()

    def clear(self, name: str = "") -> None:
        """Take back one fault, or all of them."""
        if name:
            self._drop(name)
        else:
            self._board.state.faults.clear()
        self._tell()

    def take(self, name: str) -> bool:
        """Use up a fault that strikes once. Returns whether it was in force."""
        had = self.has(name)
        if had:
            self.clear(name)
        return had

    def active(self) -> tuple[str, ...]:
        """Names of the faults in force with their options, for people."""
        return tuple(
            " ".join(
                [fault.name, *(f"{key}={value}" for key, value in fault.options.items() if value)]
            )
            for fault in self._board.state.faults
        )

    def has(self, name: str) -> bool:
        """Whether a fault is in force."""
        return self._find(name) is not None

    def option(self, name: str, key: str) -> str | None:
        """Option of a fault in force; ``None`` when it is not in force."""
        fault = self._find(name)
        return None if fault is None else fault.options.get(key, "")

    async def until_cleared(self, name: str) -> None:
        """Wait as long as a fault is in force."""
        while self.has(name):
            self._moved.clear()
            await self._moved.wait()

    async def visit(self, path: str) -> None:
        """Pass one call through the faults of the wire. Raises Refusal."""
        slow = self._find("slow")
        if slow and slow.options["path"] in path:
            await asyncio.sleep(float(slow.options["seconds"]))
        self._http(path)
        if self._hidden(path):
            raise missing(path)

    def seen(self, path: str) -> None:
        """Remember that a resource was read."""
        self._seen.add(path)

    def forget_seen(self) -> None:
        """The BMC restarted: nothing was read yet."""
        self._seen.clear()

    def _http(self, path: str) -> None:
        fault = self._find("http")
        if fault is None or fault.options["path"] not in path or fault.options["count"] == "0":
            return
        left = int(fault.options["count"]) - 1
        fault.options["count"] = str(left)
        if left <= 0:
            self._drop("http")
        self._board.changed()
        status = int(fault.options["status"])
        text = f"The service is temporarily unavailable (fault, {max(left, 0)} more)."
        raise Refusal(status, "ServiceTemporarilyUnavailable", text, retry_after=1)

    def _hidden(self, path: str) -> bool:
        fault = self._find("parent-first")
        if fault is None or fault.options["path"] not in path or not path.startswith(TREES):
            return False
        owner, action, _ = path.partition("/Actions/")
        parent = owner if action else path.rpartition("/")[0]
        is_member = parent in TREES or path in TREES
        return not is_member and parent not in self._seen

    def _find(self, name: str) -> ActiveFault | None:
        return next((fault for fault in self._board.state.faults if fault.name == name), None)

    def _drop(self, name: str) -> None:
        faults = self._board.state.faults
        faults[:] = [fault for fault in faults if fault.name != name]

    def _tell(self) -> None:
        self._moved.set()
        self._board.changed()


def _check_number(name: str, key: str, text: str) -> None:
    low, high = RANGES[key]
    pattern = r"\d+(\.\d+)?" if key == "seconds" else r"\d+"
    if not re.fullmatch(pattern, text) or not low <= float(text) <= high:
        kind = "number" if key == "seconds" else "whole number"
        raise LabError(f"fault '{name}': {key} '{text}' is not a {kind} from {low} to {high}")
