"""A recorded tree, and what a delivery list would say of its machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Json = dict[str, object]
"""A JSON object."""

ROOT = "/redfish/v1"

HOST_LINKS = ("usb", "tohost", "virtual", "tmfifo", "vlan")
"""Parts of the name of a port that leads from the BMC to its own host, or to no cable at all."""


def key(path: str) -> str:
    """How a path is looked up: case and a trailing slash do not count."""
    return path.partition("?")[0].partition("#")[0].rstrip("/").lower()


def as_object(value: object) -> Json:
    """``value`` where it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def link(body: Mapping[str, object], *names: str) -> str:
    """Path behind a property, or empty."""
    value: object = body
    for name in names:
        value = as_object(value).get(name)
    if isinstance(value, list):
        value = value[0] if value else None
    return str(as_object(value).get("@odata.id") or "")


def members(body: Mapping[str, object]) -> list[str]:
    """Paths of the members of a collection."""
    listed = body.get("Members")
    return [link(as_object(one)) for one in listed] if isinstance(listed, list) else []


@dataclass(frozen=True)
class Label:
    """The machine as a delivery list has it, in the forms that labels print."""

    bmc_mac: str
    chassis_serial: str
    system_uuid: str


NOBODY = Label("02:00:5e:00:53:01", "LABEL4711", "5f0c1a52-3a0e-4c1f-9a44-8d3f7e0b6a11")
"""What the label says where the tree tells nothing: a delivery list has all three."""


@dataclass(frozen=True)
class Recording:
    """One recorded tree. Read only; the server works on a copy."""

    name: str
    resources: Mapping[str, Json]
    """Path -> body, as recorded."""

    @staticmethod
    def read(path: Path) -> Recording:
        """Load one file. Raises ValueError naming it where it is no recording."""
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            return Recording(str(said["tree"]), dict(said["resources"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}: no recorded tree: {error!r}") from error

    def get(self, path: str) -> Json:
        """Body of a resource; empty where the tree lacks it."""
        wanted = key(path)
        return next((body for one, body in self.resources.items() if key(one) == wanted), {})

    def has(self, path: str) -> bool:
        """Whether the tree has a resource."""
        return bool(path) and bool(self.get(path))

    def of(self, collection: str) -> Iterator[tuple[str, Json]]:
        """Path and body of each member of a collection of the service root."""
        for path in members(self.get(link(self.get(ROOT), collection))):
            yield path, self.get(path)

    def host(self) -> tuple[str, Json]:
        """The system that is the machine: the first that can be reset or has a BIOS."""
        systems = list(self.of("Systems"))
        drivable = [one for one in systems if one[1].get("Actions") or one[1].get("Bios")]
        return (drivable or systems or [("", {})])[0]

    def manager(self) -> tuple[str, Json]:
        """The BMC of the host, by its link, else the first one."""
        path = link(self.host()[1], "Links", "ManagedBy")
        return (path, self.get(path)) if path else next(self.of("Managers"), ("", {}))

    def label(self) -> Label:
        """What a delivery list says of it: MAC with dashes, UUID in upper case."""
        _, host = self.host()
        chassis = self.get(link(host, "Links", "Chassis"))
        serial = chassis.get("SerialNumber") or host.get("SerialNumber") or ""
        return Label(
            (self._mac() or NOBODY.bmc_mac).upper().replace(":", "-"),
            str(serial).strip() or NOBODY.chassis_serial,
            str(host.get("UUID") or NOBODY.system_uuid).upper(),
        )

    def _mac(self) -> str:
        ports = members(self.get(link(self.manager()[1], "EthernetInterfaces")))
        for path in ports:
            port = self.get(path)
            name = f"{port.get('Id')} {port.get('Name')}".lower()
            if port.get("InterfaceEnabled") is False or "HostInterface" in json.dumps(port):
                continue
            if not any(word in name for word in HOST_LINKS):
                return str(port.get("MACAddress") or "")
        return ""

    def account(self) -> str:
        """User name of an administrator."""
        accounts = members(
            self.get(link(self.get(link(self.get(ROOT), "AccountService")), "Accounts"))
        )
        for path in accounts:
            account = self.get(path)
            if account.get("Enabled", True) and account.get("RoleId") == "Administrator":
                return str(account.get("UserName"))
        return "admin"
