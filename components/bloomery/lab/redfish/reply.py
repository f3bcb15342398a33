"""Calls and answers of the emulator, free of any web framework."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bloomery.drivers.redfish.fake import FakeBmc, Refusal
from bloomery.drivers.redfish.fake.refusal import REGISTRY

Json = dict[str, object]
"""A JSON object."""

ROOT = "/redfish/v1"
"""Where the service root stands (DSP0266 6.2)."""

VOLATILE = ("DateTime", "LastStateTime", "ReadingTime")
"""Properties that change by themselves; ETags leave them out."""


@dataclass(frozen=True)
class Call:
    """One authenticated call."""

    fake: FakeBmc
    method: str
    path: str
    """Without a trailing slash."""
    args: tuple[str, ...] = ()
    """Parts of the path that the route left open."""
    body: Mapping[str, object] = field(default_factory=dict)
    skip: int = 0
    """Members of a collection that come before the page asked for."""


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int = 200
    body: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


DONE = Reply(204)
"""Done, nothing to say."""


def link(path: str) -> Json:
    """A reference to another resource."""
    return {"@odata.id": ROOT + path}


def resource(path: str, kind: str, name: str, **properties: object) -> Json:
    """A resource with the properties every one has; its Id is the last part of the path."""
    return {
        "@odata.id": ROOT + path,
        "@odata.type": f"#{kind}",
        "Id": path.rpartition("/")[2] or "RootService",
        "Name": name,
        **properties,
    }


def collection(path: str, kind: str, name: str, members: list[str]) -> Json:
    """A collection; ``members`` are the Ids."""
    return {
        "@odata.id": ROOT + path,
        "@odata.type": f"#{kind}Collection.{kind}Collection",
        "Name": name,
        "Members": [link(f"{path}/{member}") for member in members],
        "Members@odata.count": len(members),
    }


def etag(body: Mapping[str, object]) -> str:
    """Weak ETag of a document: the same content has the same tag."""
    stable = {key: value for key, value in body.items() if key not in VOLATILE}
    text = json.dumps(stable, sort_keys=True).encode()
    return f'W/"{hashlib.sha256(text).hexdigest()[:16]}"'


def error(refusal: Refusal) -> Reply:
    """A refusal as DSP0266 8.6 shapes it."""
    detail: Json = {
        "@odata.type": "#Message.v1_1_2.Message",
        "MessageId": refusal.message_id,
        "Message": refusal.text,
        "Severity": "Critical",
        "MessageSeverity": "Critical",
    }
    if refusal.related:
        detail["RelatedProperties"] = [f"#{refusal.related}"]
    body: Json = {
        "error": {
            "code": f"{REGISTRY}.GeneralError",
            "message": refusal.text,
            "@Message.ExtendedInfo": [detail],
        }
    }
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
    return Reply(refusal.status, body, headers)


def text(body: Mapping[str, object], name: str) -> str:
    """A property that must be text. Raises Refusal (400)."""
    value = body.get(name)
    if value is None:
        message = f"The request lacks the property {name}."
        raise Refusal(400, "ActionParameterMissing", message, related=f"/{name}")
    if not isinstance(value, str):
        message = f"The property {name} is not a string."
        raise Refusal(400, "PropertyValueTypeError", message, related=f"/{name}")
    return value


def part(body: Mapping[str, object], name: str) -> Mapping[str, object]:
    """A property that must be an object. Raises Refusal (400)."""
    value = body.get(name)
    if not isinstance(value, dict):
        message = f"The property {name} is not an object."
        raise Refusal(400, "PropertyValueTypeError", message, related=f"/{name}")
    return value


def only(body: Mapping[str, object], *names: str) -> None:
    """Refuse properties that cannot be written here. Raises Refusal (400)."""
    for name in body:
        if name not in names:
            message = f"The property {name} is unknown or cannot be written."
            raise Refusal(400, "PropertyUnknown", message, related=f"/{name}")
