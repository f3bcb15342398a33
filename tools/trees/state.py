"""The resources of one BMC while it is driven: reads, tags, pages, writes.

Strict on purpose, each rule one that some vendor keeps: a PATCH of a resource with an ETag needs
If-Match; a setting goes to the Settings resource where the tree declares one; a value must be
offered. Who passes here passes a lenient BMC too.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Mapping

from trees.recording import Json, Recording, as_object, key, link
from trees.refusal import Refusal, not_in_list, unknown

PAGE = 6
"""Members a page: small, so that large collections have several."""

PLAIN = ("AssetTag", "VerifyCertificate")
"""Properties that take any value, where the resource has them."""

WRITABLE = (*PLAIN, "Boot", "Attributes", "Password", "@Redfish.SettingsApplyTime")
"""Properties that can be written, as far as provisioning goes."""


class Resources:
    """The tree with what was written to it."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._bodies = {
            key(path): copy.deepcopy(body) for path, body in recording.resources.items()
        }
        self._count = itertools.count(1)
        self._aim: dict[str, str] = {}

    def get(self, path: str) -> Json:
        """Body to read and to change. Raises Refusal (404)."""
        body = self._bodies.get(key(path))
        if body is None:
            raise Refusal(404, "ResourceMissingAtURI", f"The resource {path} was not found.")
        return body

    def put(self, path: str, body: Json) -> None:
        """Add a resource."""
        self._bodies[key(path)] = body

    def drop(self, path: str) -> None:
        """Remove a resource. Raises Refusal (404)."""
        self.get(path)
        del self._bodies[key(path)]

    def has(self, path: str) -> bool:
        """Whether a resource is there."""
        return bool(path) and key(path) in self._bodies

    def touch(self, body: Json) -> None:
        """Give a changed resource another tag, in the form of the one it had."""
        old = body.get("@odata.etag")
        if old:
            weak = "W/" if str(old).startswith("W/") else ""
            body["@odata.etag"] = f'{weak}"changed{next(self._count)}"'

    def page(self, path: str, skip: int) -> Json:
        """A resource as it is sent: collections in pages."""
        body = self.get(path)
        listed = body.get("Members")
        if not isinstance(listed, list) or len(listed) <= PAGE:
            return body
        part: Json = {**body, "Members": listed[skip : skip + PAGE]}
        if skip + PAGE < len(listed):
            part["Members@odata.nextLink"] = f"{path}?$skip={skip + PAGE}"
        return part

    def patch(self, path: str, data: Mapping[str, object], tag: str | None) -> Json:
        """Write; returns the body. Raises Refusal."""
        body = self.get(path)
        self._check_tag(body, tag)
        for name in data:
            if name not in WRITABLE:
                raise unknown(name)
        for name in PLAIN:
            if name in data and name not in body:
                raise unknown(name)
        if "Boot" in data:
            self._patch_boot(path, body, as_object(data["Boot"]))
        if "Attributes" in data:
            self._patch_attributes(path, body, data)
        body.update({name: data[name] for name in PLAIN if name in data})
        self.touch(body)
        return body

    def _check_tag(self, body: Json, tag: str | None) -> None:
        wanted = body.get("@odata.etag")
        if not wanted:
            return
        if tag is None:
            raise Refusal(428, "PreconditionRequired", "The header If-Match is required.")
        if tag not in (wanted, "*"):
            raise Refusal(412, "PreconditionFailed", "The ETag is not that of the resource.")

    def boot_of(self, system: str) -> str:
        """Where the boot override of a system is written."""
        settings = link(self.get(system), "@Redfish.Settings", "SettingsObject")
        if self.has(settings) and "BootSourceOverrideTarget" in as_object(
            self.get(settings).get("Boot")
        ):
            return settings
        return system

    def _patch_boot(self, path: str, body: Json, data: Json) -> None:
        boot = as_object(body.get("Boot"))
        if "BootSourceOverrideTarget" not in boot:
            raise unknown("Boot/BootSourceOverrideTarget")
        if key(self.boot_of(path)) != key(path) and body.get("Actions"):
            raise Refusal(400, "PropertyNotWritable", "Boot is written to the settings resource.")
        for name, value in data.items():
            offered = boot.get(f"{name}@Redfish.AllowableValues")
            if isinstance(offered, list) and value not in offered:
                raise not_in_list(name, value)
            if name not in boot:
                raise unknown(f"Boot/{name}")
            boot[name] = value

    def _patch_attributes(self, path: str, body: Json, data: Mapping[str, object]) -> None:
        settings = link(body, "@Redfish.Settings", "SettingsObject")
        if self.has(settings) and key(settings) != key(path):
            raise Refusal(400, "PropertyNotWritable", "Attributes are written to the settings.")
        if "@Redfish.SettingsApplyTime" in data:
            self._aim[key(path)] = str(
                as_object(data["@Redfish.SettingsApplyTime"]).get("ApplyTime")
            )
        held = as_object(self._current(path).get("Attributes"))
        wanted = as_object(data["Attributes"])
        for name in wanted:
            if name not in held:
                raise unknown(f"Attributes/{name}")
        body["Attributes"] = {**as_object(body.get("Attributes")), **wanted}

    def _bios_of(self, settings: str) -> Json | None:
        for body in self._bodies.values():
            found = link(body, "@Redfish.Settings", "SettingsObject")
            if found and key(found) == key(settings) and "Attributes" in body:
                return body
        return None

    def _current(self, path: str) -> Json:
        return self._bios_of(path) or self.get(path)

    def reset_applies(self, system: str) -> None:
        """What waited for a reset holds now; a boot override for one boot is used up."""
        bios = link(self.get(system), "Bios")
        if self.has(bios):
            self._apply_bios(bios)
        boot = as_object(self.get(self.boot_of(system)).get("Boot"))
        if boot.get("BootSourceOverrideEnabled") == "Once":
            boot["BootSourceOverrideEnabled"] = "Disabled"
            boot["BootSourceOverrideTarget"] = "None"

    def _apply_bios(self, bios: str) -> None:
        body = self.get(bios)
        settings = link(body, "@Redfish.Settings", "SettingsObject")
        if not self.has(settings):
            return
        supported = as_object(body.get("@Redfish.Settings")).get("SupportedApplyTimes")
        if supported and self._aim.get(key(settings)) != "OnReset":
            return  # without a time to apply it, it waits for ever
        pending = as_object(self.get(settings).get("Attributes"))
        body["Attributes"] = {**as_object(body.get("Attributes")), **pending}
        if not as_object(self.recording.get(settings).get("Attributes")):
            self.get(settings)["Attributes"] = {}
