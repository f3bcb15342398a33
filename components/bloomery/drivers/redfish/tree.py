"""Links of a Redfish tree, and which of its resources are the machine, its BMC, its chassis.

The host is the system whose UUID is the delivery list's; its BMC and chassis are what it links
to. A service root may have several of each: GPU baseboards, sleds, cards with a BMC of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish import values
from bloomery.drivers.redfish.protocol import Sought
from bloomery.drivers.redfish.wire import Json, Resource, Wire, same_path
from bloomery.errors import Busy, DeviceError, NotTrusted, SessionEnded, Unreachable, Unsupported

STOPS = (SessionEnded, Unreachable, NotTrusted)
"""What concerns the BMC as a whole, so that nothing more is to be read now."""

NO_SESSION = 401
"""HTTP status that does too: the session is gone."""

PAGES = 200
"""Pages read of one collection: far above any, so that a circle ends."""

ENCLOSING = (
    "RackMount",
    "Enclosure",
    "Shelf",
    "Blade",
    "Sled",
    "StandAlone",
    "Drawer",
    "Tower",
    "Rack",
    "HighDensity",
    "RackServer",
    "Other",
)
"""ChassisType of what has a label of its own; the rest are boards, cards and modules."""

DEPTH = 3
"""Chassis around a chassis that are looked at: board, sled, enclosure."""


def part(body: Json, *names: str) -> Json:
    """An object inside an object; empty where it is not there."""
    value: object = body
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text(body: Json, name: str) -> str:
    """A property as text without blanks around it; empty where it is not there."""
    value = body.get(name)
    return value.strip() if isinstance(value, str) else ""


def texts(body: Json, name: str) -> tuple[str, ...]:
    """A property that is a list of texts."""
    value = body.get(name)
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def link(body: Json, *names: str) -> str:
    """Path behind a link; empty where there is none."""
    return next(iter(links(body, *names)), "")


def links(body: Json, *names: str) -> list[str]:
    """Paths behind a property that is one link or a list of them."""
    value: object = body
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    listed = value if isinstance(value, list) else [value]
    found = [one.get("@odata.id") for one in listed if isinstance(one, dict)]
    return [str(one) for one in found if one]


def members(wire: Wire, path: str) -> list[str]:
    """Paths of the members of a collection, over all its pages."""
    found: list[str] = []
    for _ in range(PAGES):
        page = wire.get(path).body
        found += links(page, "Members")
        path = str(page.get("Members@odata.nextLink") or page.get("@odata.nextLink") or "")
        if not path:
            return found
    raise DeviceError(f"the pages of {path} do not end")


class Tree:
    """The places of one machine in the tree, found once a session."""

    def __init__(self, wire: Wire, root: Json, sought: Sought) -> None:
        self._wire = wire
        self.root = root
        self._sought = sought
        self._system = ""
        self._manager: str | None = None
        self._chassis: list[str] | None = None
        self.slots: tuple[str, ...] = ()
        """Virtual media slots that fit what is inserted, once they were looked for."""
        self.why: dict[str, str] = {}
        """``system`` and ``manager`` -> what each was chosen by, once it was."""

    def system(self) -> Resource:
        """The host, read now. Raises Unsupported where it cannot be told from others."""
        if self._system:
            return self._listed(self._system)
        systems, trouble = self._read_all("Systems")
        if trouble and not any(map(self._same_uuid, systems)):
            raise trouble  # the host may be the one that does not answer now
        found = self._choose(systems)
        self._system = found.path
        return found

    def manager(self, system: Resource) -> Resource | None:
        """Its BMC, read now; None where the tree names none."""
        if self._manager is None:
            self._manager = self._find_manager(system)
        return self._wire.get(self._manager) if self._manager else None

    def chassis(self, system: Resource) -> list[Resource]:
        """The chassis it is in, the innermost first, read now."""
        if self._chassis is None:
            found = self._find_chassis(system)
            self._chassis = [one.path for one in found]
            return found
        return [self._wire.get(path) for path in self._chassis]

    def _listed(self, path: str) -> Resource:
        """A member that is listed: one that is not there is not there yet, as during POST."""
        try:
            return self._wire.get(path)
        except sushy_errors.ResourceNotFoundError:
            raise Busy(f"HTTP 404: {path} is listed and does not answer yet") from None

    def _read_all(self, collection: str) -> tuple[list[Resource], Exception | None]:
        """Members of a collection of the root; one that cannot be read hides no other.

        The second value is what went wrong with the last that could not be read.
        """
        path = link(self.root, collection)
        found: list[Resource] = []
        trouble: Exception | None = None
        for one in members(self._wire, path) if path else ():
            try:
                found.append(self._listed(one))
            except STOPS:
                raise
            except sushy_errors.HTTPError as error:
                if error.status_code == NO_SESSION:
                    raise
                trouble = error
            except DeviceError as error:
                trouble = error
        return found, trouble

    def _choose(self, systems: Sequence[Resource]) -> Resource:
        why = "the only system of the BMC"
        for good, reason in (
            (self._same_uuid, "its UUID is that of the delivery list"),
            (self._same_serial, "its serial number is that of the delivery list"),
            (_can_reset, f"the only one of {len(systems)} systems that can be reset"),
        ):
            if len(systems) > 1:
                systems = [one for one in systems if good(one)] or systems
                why = reason
        if not systems:
            raise Busy("the BMC lists no system yet")
        if len(systems) > 1:
            names = ", ".join(one.path.rstrip("/").rpartition("/")[2] for one in systems)
            raise Unsupported(
                f"the BMC has several systems ({names}) that UUID and serial of the delivery"
                f" list do not tell apart: {_told(systems, 'UUID', values.uuid)}, and"
                f" {_told(systems, 'SerialNumber', values.serial)}"
            )
        self.why["system"] = why
        return systems[0]

    def _same_uuid(self, system: Resource) -> bool:
        wanted = values.uuid(self._sought.system_uuid)
        found = values.uuid(system.body.get("UUID"))
        return bool(wanted and found) and found in (wanted, values.swapped(wanted))

    def _same_serial(self, system: Resource) -> bool:
        wanted = values.serial(self._sought.chassis_serial)
        return bool(wanted) and values.serial(system.body.get("SerialNumber")) == wanted

    def _find_manager(self, system: Resource) -> str:
        named = links(system.body, "Links", "ManagedBy")
        if named:
            self.why["manager"] = "the system links to it"
            return named[0]
        managers = self._read_all("Managers")[0]
        for one in managers:
            if any(
                same_path(path, system.path)
                for path in links(one.body, "Links", "ManagerForServers")
            ):
                self.why["manager"] = "it links to the system"
                return one.path
        if len(managers) != 1:
            self.why["manager"] = f"nothing links one of {len(managers)} managers to the system"
            return ""
        self.why["manager"] = "the only one"
        return managers[0].path

    def _find_chassis(self, system: Resource) -> list[Resource]:
        found = [self._wire.get(path) for path in links(system.body, "Links", "Chassis")[:1]]
        if not found:
            found = self._listing(system) or self._around_manager(system)
        found += self._around(found[-1:])
        if found and not any(text(one.body, "ChassisType") in ENCLOSING for one in found):
            found += [one for one in self._listing(system) if not _among(one, found)]
        return found

    def _around(self, inner: list[Resource]) -> list[Resource]:
        found: list[Resource] = []
        while inner and len(found) < DEPTH:
            outer = link(inner[-1].body, "Links", "ContainedBy")
            if not outer:
                break
            inner = [self._wire.get(outer)]
            found += inner
        return found

    def _listing(self, system: Resource) -> list[Resource]:
        """Chassis that say they hold the system; the single one of a BMC does not have to."""
        every = self._read_all("Chassis")[0]
        if len(every) == 1:
            return every
        return [
            one
            for one in every
            if text(one.body, "ChassisType") in ENCLOSING
            and any(
                same_path(path, system.path) for path in links(one.body, "Links", "ComputerSystems")
            )
        ]

    def _around_manager(self, system: Resource) -> list[Resource]:
        manager = self.manager(system)
        outer = link(manager.body, "Links", "ManagerInChassis") if manager else ""
        return [self._wire.get(outer)] if outer else []


def _can_reset(system: Resource) -> bool:
    return "#ComputerSystem.Reset" in part(system.body, "Actions")


def _told(systems: Sequence[Resource], name: str, plain: Callable[[object], str]) -> str:
    """What several systems say of themselves under one name."""
    told = sorted({plain(one.body.get(name)) for one in systems})
    if told == [""]:
        return f"none tells a {name}"
    return f"{name} is {', '.join(one or 'not told' for one in told)}"


def _among(one: Resource, found: Sequence[Resource]) -> bool:
    return any(same_path(one.path, other.path) for other in found)
