"""The form of answers that a personality has: ETags, pages, slashes at the end of paths."""

from __future__ import annotations

from collections.abc import Mapping

from bloomery.drivers.redfish.fake import Refusal
from bloomery.drivers.redfish.fake.personality import LabPersonality
from bloomery.lab.redfish.reply import ROOT, Json, Reply, etag

PATHS = ("@odata.id", "target", "@Redfish.ActionInfo", "Location", "TaskMonitor")
"""Properties and headers whose value is a path."""

SKIP = "$skip"
"""Query parameter of a page: members before it (DSP0266 7.3)."""


def tag(personality: LabPersonality, body: Mapping[str, object]) -> str:
    """ETag of a document; empty where the BMC has none."""
    kind = personality.habits.etags
    if kind == "absent":
        return ""
    return etag(body).removeprefix("W/") if kind == "strong" else etag(body)


def check_tag(personality: LabPersonality, body: Mapping[str, object], if_match: str) -> None:
    """Raises Refusal: 428 without an ETag where one is needed, 412 where it is another one."""
    if not if_match:
        if personality.habits.if_match:
            raise Refusal(428, "PreconditionRequired", "The header If-Match is required.")
        return
    found = tag(personality, body)
    if found and if_match not in ("*", found, found.removeprefix("W/")):
        raise Refusal(412, "PreconditionFailed", "The resource changed since it was read.")


def paged(personality: LabPersonality, path: str, body: Mapping[str, object], skip: int) -> Json:
    """A collection cut to one page; any other document as it is."""
    members, size = body.get("Members"), personality.layout.page
    if not isinstance(members, list) or not size or len(members) <= size:
        return dict(body)
    page: Json = {**body, "Members": members[skip : skip + size]}
    if skip + size < len(members):
        slash = "/" if personality.layout.slash else ""
        page["Members@odata.nextLink"] = f"{path}{slash}?{SKIP}={skip + size}"
    return page


def misses_slash(personality: LabPersonality, raw: str) -> bool:
    """Whether a GET of this path is answered with the path it should have."""
    return personality.layout.slash and not raw.endswith("/") and raw.startswith(f"{ROOT}/")


def slashed(personality: LabPersonality, reply: Reply) -> Reply:
    """The reply with all paths as the personality writes them."""
    if not personality.layout.slash:
        return reply
    body = None if reply.body is None else _object(reply.body)
    headers = {
        name: _path(value) if name in PATHS else value for name, value in reply.headers.items()
    }
    return Reply(reply.status, body, headers)


def _object(body: Mapping[str, object]) -> Json:
    return {
        key: _path(value) if key in PATHS and isinstance(value, str) else _any(value)
        for key, value in body.items()
    }


def _any(value: object) -> object:
    if isinstance(value, dict):
        return _object(value)
    return [_any(one) for one in value] if isinstance(value, list) else value


def _path(path: str) -> str:
    return path if path.endswith("/") or "#" in path else f"{path}/"
