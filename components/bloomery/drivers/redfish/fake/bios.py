"""BIOS attributes: in force, pending, and hidden by a fault."""

from __future__ import annotations

from collections.abc import Mapping

from bloomery.drivers.redfish.fake.faults import Faults
from bloomery.drivers.redfish.fake.refusal import Refusal
from bloomery.drivers.redfish.fake.state import BiosState, Board

FACTORY_BIOS: Mapping[str, str] = {
    "BootMode": "Uefi",
    "SecureBoot": "Disabled",
    "LogicalProc": "Enabled",
    "ProcVirtualization": "Enabled",
    "SriovGlobalEnable": "Disabled",
    "AboveFourGDecoding": "Disabled",
    "NumaNodesPerSocket": "1",
    "WorkloadProfile": "Balanced",
    "TpmSecurity": "On",
    "AcPowerRecovery": "Last",
}
"""Attributes of a machine as delivered, under the names most vendors use; a lab may
hand in others."""


ON_RESET = "OnReset"
"""ApplyTime of what holds after the next reset (DSP0266 9.10)."""


class BiosSettings:
    """The BIOS of one machine."""

    def __init__(
        self,
        board: Board,
        faults: Faults,
        factory: Mapping[str, str],
        *,
        needs_time: bool = False,
    ) -> None:
        """``needs_time``: what is staged without an apply time never holds."""
        self._board = board
        self._faults = faults
        self._factory = dict(factory)
        self._needs_time = needs_time

    def now(self) -> dict[str, str]:
        """Attributes in force that the BMC shows."""
        return self._shown(self._state.now)

    def pending(self) -> dict[str, str]:
        """Attributes that wait for the next reset."""
        return self._shown(self._state.pending)

    def stage(self, attributes: Mapping[str, str], apply_time: str = "") -> None:
        """Stage attributes for the next reset. Raises Refusal (400) on unknown keys."""
        known = self.now()
        for key in attributes:
            if key not in known:
                text = f"The property {key} is not in the list of valid properties."
                raise Refusal(400, "PropertyUnknown", text, related=f"/Attributes/{key}")
        self._state.pending.update(attributes)
        self._state.timeless = self._needs_time and apply_time != ON_RESET
        self._board.changed()

    def stage_defaults(self) -> None:
        """Stage the factory settings (``Bios.ResetBios``)."""
        self._state.pending = dict(self._factory)
        self._state.timeless = False
        self._board.changed()

    def apply(self) -> tuple[tuple[str, str], ...]:
        """Put what is pending in force, as a reset does. Returns all, sorted by name."""
        if not self._state.timeless:
            self._state.now.update(self._state.pending)
            self._state.pending.clear()
        self._board.changed()
        return tuple(sorted(self._state.now.items()))

    def factory_reset(self) -> None:
        """Back to the settings of the factory, at once."""
        self._board.state.bios = BiosState(now=dict(self._factory))
        self._board.changed()

    @property
    def _state(self) -> BiosState:
        return self._board.state.bios

    def _shown(self, attributes: Mapping[str, str]) -> dict[str, str]:
        hidden = self._faults.option("bios-key-missing", "key")
        return {key: value for key, value in attributes.items() if key != hidden}
