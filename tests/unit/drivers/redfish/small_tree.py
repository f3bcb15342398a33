"""A small Redfish tree, written for these tests, and the client on it over TLS.

A test changes the tree until it is of the kind that it is about.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4] / "tools"))

from bloomery.drivers.redfish.client import Dialer, RedfishBmc
from bloomery.drivers.redfish.protocol import Sought, Trust
from bloomery.drivers.redfish.wire import Pace
from trees.bmc import RecordedBmc
from trees.recording import Recording
from trees.server import make_leaf, serve

V1 = "/redfish/v1"
SYSTEM, MANAGER, CHASSIS = f"{V1}/Systems/Host", f"{V1}/Managers/Bmc", f"{V1}/Chassis/Box"
ACCOUNT = f"{V1}/AccountService/Accounts/1"
SLOTS = f"{MANAGER}/VirtualMedia"

UUID, SERIAL, MAC = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "BX00A17", "02:11:22:33:44:55"
SOUGHT = Sought(MAC, SERIAL, UUID)

USER, PASSWORD = "admin", "left-the-factory-1"
IMAGE = "https://127.80.2.9:8480/media/installer.iso"

FAST = Pace(task=1.0, settle=0.6, poll=0.1)
LEAF = make_leaf()

Body = dict[str, object]


def at(path: str) -> Body:
    """A link."""
    return {"@odata.id": path}


def listing(path: str, *names: str) -> Body:
    """A collection."""
    return {"@odata.id": path, "Members": [at(f"{path}/{name}") for name in names]}


def slot(name: str, *types: str, **more: object) -> Body:
    """A virtual media slot that takes URLs by its action."""
    path = f"{SLOTS}/{name}"
    verbs = ("Insert", "Eject")
    actions = {
        f"#VirtualMedia.{verb}Media": {"target": f"{path}/Actions/VirtualMedia.{verb}Media"}
        for verb in verbs
    }
    body: Body = {"@odata.id": path, "Id": name, "Inserted": False, "Image": None}
    return {**body, "MediaTypes": list(types), "Actions": actions, **more}


def standard() -> dict[str, Body]:
    """A tree with everything, as the standard has it."""
    bodies = [*_services(), *_machine(), *_manager()]
    return {str(body["@odata.id"]): body for body in bodies}


def _services() -> list[Body]:
    links = ("Systems", "Managers", "Chassis", "AccountService", "UpdateService", "SessionService")
    fw = f"{V1}/UpdateService/Fw"
    return [
        {
            "@odata.id": V1,
            **{name: at(f"{V1}/{name}") for name in links},
            "Links": {"Sessions": at(f"{V1}/SessionService/Sessions")},
        },
        listing(f"{V1}/SessionService/Sessions"),
        listing(f"{V1}/Systems", "Host"),
        listing(f"{V1}/Managers", "Bmc"),
        listing(f"{V1}/Chassis", "Box"),
        {"@odata.id": f"{V1}/AccountService", "Accounts": at(f"{V1}/AccountService/Accounts")},
        listing(f"{V1}/AccountService/Accounts", "1"),
        {"@odata.id": ACCOUNT, "UserName": USER, "RoleId": "Administrator"},
        {"@odata.id": f"{V1}/UpdateService", "FirmwareInventory": at(fw)},
        listing(fw, "BMC", "BIOS"),
        {"@odata.id": f"{fw}/BMC", "Id": "BMC", "Version": "7.1"},
        {"@odata.id": f"{fw}/BIOS", "Id": "BIOS", "Version": "1.2"},
    ]


def _machine() -> list[Body]:
    reset = {
        "target": f"{SYSTEM}/Actions/ComputerSystem.Reset",
        "ResetType@Redfish.AllowableValues": ["On", "ForceOff", "GracefulShutdown", "ForceRestart"],
    }
    boot = {
        "BootSourceOverrideEnabled": "Disabled",
        "BootSourceOverrideTarget": "None",
        "BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Cd", "Hdd", "Usb"],
    }
    return [
        {
            "@odata.id": SYSTEM,
            "UUID": UUID,
            "SerialNumber": SERIAL,
            "Model": "bx-1",
            "PowerState": "On",
            "AssetTag": "",
            "BiosVersion": "1.2",
            "Bios": at(f"{SYSTEM}/Bios"),
            "Boot": boot,
            "Links": {"Chassis": [at(CHASSIS)], "ManagedBy": [at(MANAGER)]},
            "Actions": {"#ComputerSystem.Reset": reset},
        },
        {"@odata.id": CHASSIS, "ChassisType": "RackMount", "SerialNumber": SERIAL},
        {
            "@odata.id": f"{SYSTEM}/Bios",
            "Attributes": {"BootMode": "Uefi", "Sriov": "Disabled", "Cores": 64, "Smt": True},
            "@Redfish.Settings": {"SettingsObject": at(f"{SYSTEM}/Bios/Settings")},
        },
        {"@odata.id": f"{SYSTEM}/Bios/Settings", "Attributes": {}},
    ]


def _manager() -> list[Body]:
    return [
        {
            "@odata.id": MANAGER,
            "FirmwareVersion": "7.1",
            "EthernetInterfaces": at(f"{MANAGER}/Ports"),
            "VirtualMedia": at(SLOTS),
            "Actions": {"#Manager.Reset": {"target": f"{MANAGER}/Actions/Manager.Reset"}},
        },
        listing(f"{MANAGER}/Ports", "eth0"),
        {"@odata.id": f"{MANAGER}/Ports/eth0", "Id": "eth0", "MACAddress": MAC},
        listing(SLOTS, "Disc", "Stick"),
        slot("Disc", "CD", "DVD"),
        slot("Stick", "CD", "USBStick"),
    ]


@dataclass
class SmallTree:
    """One tree and who speaks to it."""

    resources: dict[str, Body] = field(default_factory=standard)
    first: bool = False
    """As from the factory, where the password must be changed first."""
    served: RecordedBmc = field(init=False)
    asked: list[tuple[str, str, object]] = field(default_factory=list)
    """Writes as they came in: method, path, body."""
    address: str = ""

    def __getitem__(self, path: str) -> Body:
        return self.resources[path]

    def add(self, body: Body) -> None:
        """Add a resource."""
        self.resources[str(body["@odata.id"])] = body

    def drop(self, *paths: str) -> None:
        """Take resources away, with all that is below them."""
        for path in paths:
            for one in [one for one in self.resources if one.startswith(path)]:
                del self.resources[one]

    def slots(self, *slots: Body) -> None:
        """Have these virtual media slots, in this order."""
        self.drop(SLOTS)
        self.add(listing(SLOTS, *(str(one["Id"]) for one in slots)))
        for one in slots:
            self.add(one)

    @contextlib.contextmanager
    def open(self, sought: Sought = SOUGHT, password: str = PASSWORD) -> Iterator[RedfishBmc]:
        """Serve the tree as it is now, and log in."""
        self.served = RecordedBmc(
            Recording("small", self.resources), USER, PASSWORD, first=self.first
        )
        self._listen()
        with serve(self.served, LEAF) as self.address:
            bmc = self.login(password, sought)
            self.asked.clear()
            try:
                yield bmc
            finally:
                bmc.close()

    def _listen(self) -> None:
        answer = self.served.answer

        def told(method: str, path: str, headers, data):
            if method in ("PATCH", "POST"):
                self.asked.append((method, path, dict(data)))
            return answer(method, path, headers, data)

        self.served.answer = told  # type: ignore[method-assign]

    def login(self, password: str = PASSWORD, sought: Sought = SOUGHT) -> RedfishBmc:
        """One more login."""
        trust = Trust(cert_sha256=LEAF.sha256)
        return Dialer(2, 5, FAST)(self.address, trust, USER, password, sought)
