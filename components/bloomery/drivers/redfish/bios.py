"""BIOS attributes: in force, staged, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish.tree import link, part, texts
from bloomery.drivers.redfish.wire import Json, Resource, Wire

ON_RESET = "OnReset"
"""ApplyTime of a setting that holds after the next reset (DSP0266 9.10)."""

CURRENT = "current_value"
"""Where attributes are objects, with limits beside the value, this is the value."""


@dataclass(frozen=True)
class Bios:
    """The BIOS of a system as it was read."""

    known: Mapping[str, object]
    """Attribute -> value in force, in the type the BIOS uses."""
    staged: Mapping[str, object] | None
    """What the Settings resource holds; None where it does not tell."""
    where: str
    """Path that attributes are written to."""
    apply_times: tuple[str, ...]
    """Times that the BMC offers; empty where it offers none."""

    def now(self) -> dict[str, str]:
        """Values in force, as text."""
        return {name: _text(value) for name, value in self.known.items() if value is not None}

    def pending(self) -> dict[str, str]:
        """Values that wait for a reset and differ."""
        now = self.now()
        staged = {name: _text(value) for name, value in (self.staged or {}).items()}
        return {name: value for name, value in staged.items() if now.get(name) != value}

    def staged_form(self, name: str, value: str) -> str:
        """A wanted value as it reads once it is staged."""
        return _text(like(self.known[name], value))

    def request(self, attributes: Mapping[str, str], apply_time: str) -> Json:
        """What to write."""
        body: dict[str, object] = {
            "Attributes": {
                name: like(self.known[name], value) for name, value in attributes.items()
            }
        }
        if apply_time:
            body["@Redfish.SettingsApplyTime"] = {"ApplyTime": apply_time}
        return body


def read(wire: Wire, system: Resource) -> Bios | None:
    """The BIOS of a system; None where the tree has none."""
    path = link(system.body, "Bios")
    if not path:
        return None
    body = wire.get(path).body
    settings = link(body, "@Redfish.Settings", "SettingsObject")
    staged: Mapping[str, object] | None = None
    if settings:
        try:
            told = wire.get(settings).body.get("Attributes")
        except sushy_errors.HTTPError:
            told = None
        staged = told if isinstance(told, dict) else None
    return Bios(
        known=part(body, "Attributes"),
        staged=staged,
        where=settings or path,
        apply_times=texts(part(body, "@Redfish.Settings"), "SupportedApplyTimes"),
    )


def like(current: object, value: str) -> object:
    """The wanted value in the form the BIOS uses for this attribute."""
    if isinstance(current, dict) and CURRENT in current:
        return {CURRENT: like(current[CURRENT], value)}
    if isinstance(current, bool):
        return value.lower() == "true"
    return int(value) if isinstance(current, int) else value


def _text(value: object) -> str:
    return str(value[CURRENT]) if isinstance(value, dict) and CURRENT in value else str(value)
