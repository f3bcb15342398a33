"""What the actions of a recorded tree do: resets, media, tasks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from trees.recording import ROOT, Json, as_object, key, link, members
from trees.refusal import Refusal, needed, not_in_list, unknown
from trees.state import Resources

LATE = 0.3
"""Seconds until a medium shows that was accepted with 204."""

PARAMETERS = (
    "Image",
    "Inserted",
    "WriteProtected",
    "TransferProtocolType",
    "TransferMethod",
    "UserName",
    "Password",
)

OFF = ("ForceOff", "GracefulShutdown", "Off")
EVERY = ("On", "ForceOff", "ForceRestart", "GracefulShutdown", "PowerCycle")
ON = ("On", "ForceOn")

TASKS = f"{ROOT}/TaskService/Tasks"

STREAMED = ("cd", "dvd")


@dataclass
class Actions:
    """The moving parts of one BMC."""

    resources: Resources
    _reads: dict[str, int] = field(default_factory=dict)
    _late: list[tuple[float, Json, Json]] = field(default_factory=list)

    @property
    def vendor(self) -> str:
        """Vendor as the service root names it."""
        return str(self.resources.get(ROOT).get("Vendor") or "").lower()

    def settle(self) -> None:
        """Let what was accepted earlier show now."""
        now = time.monotonic()
        for due, body, change in list(self._late):
            if now >= due:
                body.update(change)
                self.resources.touch(body)
                self._late.remove((due, body, change))

    def task(self) -> str:
        """Path of a new task, which ends with the third look at it."""
        path = f"{TASKS}/{len(self._reads) + 1}"
        self._reads[key(path)] = 0
        self.resources.put(
            path,
            {
                "@odata.id": path,
                "@odata.type": "#Task.v1_7_0.Task",
                "Id": path.rpartition("/")[2],
                "TaskState": "Running",
            },
        )
        return path

    def look_at_task(self, path: str) -> None:
        """Count a look; the third one finds it completed."""
        if key(path) in self._reads:
            self._reads[key(path)] += 1
            if self._reads[key(path)] > 2:
                self.resources.get(path)["TaskState"] = "Completed"
                self.resources.get(path)["TaskStatus"] = "OK"

    def post(self, path: str, data: Mapping[str, object]) -> tuple[int, str]:
        """Do an action; returns the status and the path of a task or empty. Raises Refusal."""
        owner, _, action = path.partition("/Actions/")
        name = action.strip("/")
        if name == "Oem/AMIVirtualMedia.EnableRMedia" and self.vendor == "ami":
            return self._remote_media(owner, data)
        body = self.resources.get(owner)
        if not action and isinstance(body.get("Members"), list) and "CertificateString" in data:
            return self._keep_certificate(owner, body, data)
        if f"#{name}" not in as_object(body.get("Actions")):
            raise Refusal(404, "ActionNotSupported", f"There is no action {name} on {owner}.")
        if name == "ComputerSystem.Reset":
            return self._reset(owner, body, data)
        if name == "VirtualMedia.InsertMedia":
            return self._insert(body, data)
        if name == "VirtualMedia.EjectMedia":
            return self._eject(body)
        if name == "Manager.Reset":
            return 204, ""
        raise Refusal(501, "ActionNotSupported", f"{name} is not offered.")

    def _keep_certificate(
        self, owner: str, body: Json, data: Mapping[str, object]
    ) -> tuple[int, str]:
        """A POST to a collection of certificates."""
        held = body["Members"]
        members = held if isinstance(held, list) else []
        path = f"{owner.rstrip('/')}/{len(members) + 1}"
        self.resources.put(path, {"@odata.id": path, **data})
        body["Members"] = [*members, {"@odata.id": path}]
        return 201, ""

    def _reset(self, owner: str, body: Json, data: Mapping[str, object]) -> tuple[int, str]:
        kind = str(data.get("ResetType"))
        if kind not in self._offered(as_object(body["Actions"]), "#ComputerSystem.Reset"):
            raise not_in_list("ResetType", kind)
        power = body.get("PowerState")
        if (kind in OFF and power == "Off") or (kind in ON and power == "On"):
            raise Refusal(409, "NoOperation", f"The system is {power} already.")
        body["PowerState"] = "Off" if kind in OFF else "On"
        if kind not in OFF:
            self.resources.reset_applies(owner)
        self.resources.touch(body)
        return (202, self.task()) if self.vendor == "ami" else (204, "")

    def _offered(self, actions: Json, name: str) -> list[object]:
        action = as_object(actions[name])
        listed = action.get("ResetType@Redfish.AllowableValues")
        if isinstance(listed, list):
            return listed
        info = str(action.get("@Redfish.ActionInfo") or "")
        if not self.resources.has(info):
            return list(EVERY)  # the recording does not hold the list
        parameters = self.resources.get(info).get("Parameters")
        first = as_object(parameters[0]) if isinstance(parameters, list) else {}
        values = first.get("AllowableValues")
        return values if isinstance(values, list) else []

    def insert_by_patch(self, path: str, data: Mapping[str, object]) -> None:
        """A PATCH of a slot that has no action. Raises Refusal."""
        body = self.resources.get(path)
        if "#VirtualMedia.InsertMedia" in as_object(body.get("Actions")):
            raise Refusal(405, "PropertyNotWritable", "Media are inserted by the action.")
        if str(body.get("Id")).lower().startswith(("rdoc", "remote")):
            raise Refusal(400, "PropertyNotWritable", "The slot takes uploads, not URLs.")
        if data.get("Image"):
            self._insert(body, data)
        else:
            self._eject(body)

    def _insert(self, body: Json, data: Mapping[str, object]) -> tuple[int, str]:
        self._check(body, data)
        url = str(data["Image"])
        shown: Json = {
            "Image": url,
            "ImageName": urlsplit(url).path.rpartition("/")[2],
            "Inserted": True,
            "ConnectedVia": "URI",
        }
        if self.vendor == "ami":
            body.update({**shown, "Image": None})
            return 202, self.task()
        if body.get("TransferMethod") == "Stream":  # an OpenBMC: later, and without the host
            shown["Image"] = urlsplit(url).path
            self._late.append((time.monotonic() + LATE, body, shown))
        else:
            body.update(shown)
        actions = as_object(body.get("Actions"))
        if actions:
            eject = f"{body['@odata.id']}/Actions/VirtualMedia.EjectMedia"
            actions.setdefault("#VirtualMedia.EjectMedia", {"target": eject})
        self.resources.touch(body)
        return 204, ""

    def _check(self, body: Json, data: Mapping[str, object]) -> None:
        for name in data:
            if name not in PARAMETERS or (name.startswith("Transfer") and name not in body):
                raise unknown(name)
        if not data.get("Image"):
            raise needed("Image")
        if body.get("Inserted"):
            raise Refusal(409, "ResourceInUse", "Another medium is in the slot.")
        insert = as_object(as_object(body.get("Actions")).get("#VirtualMedia.InsertMedia"))
        if "@Redfish.ActionInfo" in insert:
            for name in ("TransferProtocolType", "TransferMethod"):
                if not data.get(name):
                    raise needed(name)
        types = body.get("MediaTypes")
        names = [str(one).lower() for one in types] if isinstance(types, list) else ["cd"]
        if str(data["Image"]).endswith(".iso") and not set(names) & set(STREAMED):
            raise Refusal(400, "PropertyValueFormatError", "The slot takes images of disks only.")

    def _eject(self, body: Json) -> tuple[int, str]:
        if not body.get("Inserted"):
            raise Refusal(400, "ResourceNotFound", "No medium is in the slot.")
        body.update(
            {"Image": None, "ImageName": None, "Inserted": False, "ConnectedVia": "NotConnected"}
        )
        self.resources.touch(body)
        return 204, ""

    def _remote_media(self, manager: str, data: Mapping[str, object]) -> tuple[int, str]:
        if data.get("RMediaState") != "Enable":
            raise needed("RMediaState")
        path = link(self.resources.get(manager), "VirtualMedia")
        collection = self.resources.get(path)
        if not members(collection):
            slot = f"{path}/CD1"
            actions = {
                f"#VirtualMedia.{verb}Media": {"target": f"{slot}/Actions/VirtualMedia.{verb}Media"}
                for verb in ("Insert", "Eject")
            }
            self.resources.put(
                slot,
                {
                    "@odata.id": slot,
                    "Id": "CD1",
                    "Name": "CD1",
                    "MediaTypes": ["CD", "DVD"],
                    "Inserted": False,
                    "Image": None,
                    "Actions": actions,
                },
            )
            collection["Members"] = [{"@odata.id": slot}]
        return 204, ""
