"""All facts of one machine, each with its quality: one that is missing hides no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish import boot, ports, values
from bloomery.drivers.redfish.protocol import Lack, SystemFacts, SystemNow
from bloomery.drivers.redfish.tree import NO_SESSION, STOPS, part, text
from bloomery.drivers.redfish.view import View
from bloomery.drivers.redfish.wire import Json, Wire
from bloomery.errors import DeviceError

T = TypeVar("T")


def system_now(body: Json) -> SystemNow:
    """What the resource of a system says of it."""
    return SystemNow(
        power=text(body, "PowerState") or "Unknown",
        boot_progress=text(part(body, "BootProgress"), "LastState"),
        asset_tag=values.tag(body.get("AssetTag")) if "AssetTag" in body else None,
    )


class Reading:
    """One reading of all facts; the system itself must be there, all else may be missing."""

    def __init__(self, wire: Wire, view: View) -> None:
        self._wire = wire
        self._view = view
        self._lacks: dict[str, Lack] = {}

    def facts(self) -> SystemFacts:
        """Read everything; parents before children."""
        body = self._view.system.body
        bios_now, bios_pending = self._bios()
        boot_once, boot_always = self._boot()
        return SystemFacts(
            bmc_macs=self._macs(),
            serials=self._serials(body),
            system_uuid=self._told("system_uuid", values.uuid(body.get("UUID")), "UUID"),
            model=self._told("model", text(body, "Model"), "Model"),
            power=self._told("power", text(body, "PowerState"), "PowerState") or "Unknown",
            asset_tag=self._asset_tag(body),
            bmc_version=self._bmc_version(),
            bios_version=self._told("bios_version", text(body, "BiosVersion"), "BiosVersion"),
            bios=bios_now,
            bios_pending=bios_pending,
            media=self._media(),
            boot_once=boot_once,
            boot_always=boot_always,
            boot_progress=text(part(body, "BootProgress"), "LastState"),
            lacks=self._lacks,
        )

    def _told(self, name: str, value: str, called: str) -> str:
        if not value:
            self._absent(name, f"the BMC tells no {called}")
        return value

    def _absent(self, name: str, why: str) -> None:
        self._lacks[name] = Lack("absent", why)

    def _try(self, names: tuple[str, ...], read: Callable[[], T]) -> T | None:
        """What ``read`` finds; None where the BMC does not answer to it now."""
        try:
            return read()
        except STOPS:
            raise
        except sushy_errors.HTTPError as error:
            if error.status_code == NO_SESSION:
                raise
            why = f"HTTP {error.status_code}: {error.detail or 'no reason given'}"
        except (DeviceError, sushy_errors.SushyError, ValueError) as error:
            if isinstance(error, sushy_errors.ConnectionError):
                raise
            why = error.reason if isinstance(error, DeviceError) else str(error)
        for name in names:
            self._lacks[name] = Lack("unreadable", why)
        return None

    def _bios(self) -> tuple[dict[str, str], dict[str, str]]:
        names = ("bios", "bios_pending")
        found = self._try(names, lambda: self._view.bios)
        if found is None or not found.known:
            for name in names:
                self._lacks.setdefault(name, Lack("absent", "the BMC tells no BIOS attributes"))
            return {}, {}
        return found.now(), found.pending()

    def _boot(self) -> tuple[str, str]:
        names = ("boot_once", "boot_always")
        found = self._try(names, lambda: self._view.override)
        if found is None or not found.where:
            for name in names:
                self._lacks.setdefault(name, Lack("absent", "the BMC has no boot override"))
            return "", ""
        # Where the medium is a stick or a URL, the target that starts it stands for the disc.
        name = self._view_targets().get("Cd", "")
        stick = {name: "Cd"} if name in ("Usb", boot.HTTP) else {}
        once, always = found.pending(boot.ONCE), found.pending(boot.ALWAYS)
        return stick.get(once, once), stick.get(always, always)

    def _view_targets(self) -> dict[str, str]:
        return self._try((), self._view.boot_targets) or {}

    def _media(self) -> dict[str, str]:
        slots = self._try(("media",), lambda: self._view.slots)
        if slots is None:
            self._lacks.setdefault("media", Lack("absent", "the BMC has no virtual media"))
            return {}
        return {name: slot.image for name, slot in slots.items() if slot.inserted}

    def _macs(self) -> tuple[str, ...]:
        manager = self._try(("bmc_macs",), lambda: self._view.manager)
        found = None
        if manager is not None:
            found = self._try(("bmc_macs",), lambda: ports.macs(self._wire, manager))
        if not found:
            why = "the BMC tells no enabled port of its own"
            self._lacks.setdefault("bmc_macs", Lack("absent", why))
        return found or ()

    def _serials(self, body: Json) -> dict[str, str]:
        chassis = self._try(("serials",), lambda: self._view.chassis) or []
        told: dict[str, object] = {}
        for number, one in enumerate(chassis):
            name = one.path.rstrip("/").rpartition("/")[2]
            told[f"the chassis {name}" if number else "the chassis"] = one.body.get("SerialNumber")
        told["the system"] = body.get("SerialNumber")
        told.update(self._view.vendor[0].serials(body, chassis[0].body if chassis else {}))
        found = {place: values.serial(one) for place, one in told.items()}
        good = {place: one for place, one in found.items() if one}
        if good:
            self._lacks.pop("serials", None)
        else:
            self._lacks.setdefault("serials", Lack("absent", "the BMC tells no serial number"))
        return good

    def _asset_tag(self, body: Json) -> str:
        if "AssetTag" not in body:
            self._absent("asset_tag", "the BMC has no asset tag")
        return values.tag(body.get("AssetTag"))

    def _bmc_version(self) -> str:
        manager = self._try(("bmc_version",), lambda: self._view.manager)
        version = text(manager.body, "FirmwareVersion") if manager else ""
        if not version:
            self._lacks.setdefault("bmc_version", Lack("absent", "the BMC tells no version"))
        return version
