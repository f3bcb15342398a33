"""The boot override: where it is written, what the targets are called, how it is read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish.tree import link, part, text, texts
from bloomery.drivers.redfish.wire import Json, Resource, Wire

TARGET, ENABLED, MODE = (
    "BootSourceOverrideTarget",
    "BootSourceOverrideEnabled",
    "BootSourceOverrideMode",
)

NAMES: Mapping[str, tuple[str, ...]] = {"Cd": ("Cd", "UsbCd", "UefiCd"), "Hdd": ("Hdd",)}
"""Target -> names it goes by, best first; boards without a real drive have a USB CD only."""

HTTP, URI = "UefiHttp", "HttpBootUri"
"""Target of a boot over HTTP by the machine's own firmware, and the property that names the URL."""

ONCE, ALWAYS, NEVER = "Once", "Continuous", "Disabled"


@dataclass(frozen=True)
class Override:
    """The boot override as the BMC has it."""

    where: str
    """Path of the resource it is written to; empty where there is none."""
    boot: Json
    """Its Boot object."""
    targets: Mapping[str, str]
    """``Cd`` and ``Hdd`` -> name on this BMC; a target that is not offered is left out."""

    @property
    def by_http(self) -> bool:
        """Whether firmware can be given a URL to start from."""
        return URI in self.boot and HTTP in texts(self.boot, f"{TARGET}@Redfish.AllowableValues")

    def pending(self, kind: str) -> str:
        """Target of an override of this kind, under its plain name; empty where there is none."""
        if text(self.boot, ENABLED) != kind:
            return ""
        return plain(text(self.boot, TARGET))


def plain(target: str) -> str:
    """``Cd`` for whatever a CD is called; other targets as they are."""
    found = next((name for name, same in NAMES.items() if target in same), target)
    return "" if found == "None" else found


def read(wire: Wire, system: Resource) -> Override:
    """The override of a system: that of its Settings resource where it has one there."""
    boot, where = part(system.body, "Boot"), system.path
    settings = link(system.body, "@Redfish.Settings", "SettingsObject")
    if settings:
        try:
            staged = part(wire.get(settings).body, "Boot")
        except sushy_errors.HTTPError:
            staged = {}
        if TARGET in staged:
            boot, where = {**boot, **staged}, settings
    if TARGET not in boot:
        return Override("", {}, {})
    listed = texts(boot, f"{TARGET}@Redfish.AllowableValues")
    offered = {
        name: next((one for one in same if one in listed), "" if listed else same[0])
        for name, same in NAMES.items()
    }
    return Override(where, boot, {name: one for name, one in offered.items() if one})


def wanted(override: Override, target: str) -> Json:
    """What to write for one boot from ``target``, its name on this BMC."""
    kinds = texts(override.boot, f"{ENABLED}@Redfish.AllowableValues")
    once = ONCE if not kinds or ONCE in kinds else ALWAYS
    boot = {TARGET: target, ENABLED: once}
    if target == HTTP:  # in one request: some keep the one only with the other
        boot[URI] = text(override.boot, URI)
    if text(override.boot, MODE) == "Legacy":  # the installer is started by UEFI
        boot[MODE] = "UEFI"
    return {"Boot": boot}


def cleared(override: Override) -> Json:
    """What to write for none; a BMC that does not offer the target None has it switched off."""
    listed = texts(override.boot, f"{TARGET}@Redfish.AllowableValues")
    target = {TARGET: "None"} if not listed or "None" in listed else {}
    return {"Boot": {**target, ENABLED: NEVER}}
