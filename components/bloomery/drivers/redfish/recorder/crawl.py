"""Every resource that can be reached from the service root, bounded in number and time."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish.session import ROOT
from bloomery.drivers.redfish.tree import NO_SESSION, STOPS, members
from bloomery.drivers.redfish.wire import Wire
from bloomery.errors import DeviceError

MOST = 1500
"""Resources read at most: three times what a machine with eight GPUs has outside its logs."""

SECONDS = 900.0
"""Longest walk: a slow BMC takes half a second a resource."""

LEFT_OUT = re.compile(
    r"/(LogServices|JsonSchemas|Registries|MetricReports|MetricReportDefinitions|Sensors"
    r"|Subscriptions|Tasks|Jobs|TelemetryService|ComponentIntegrity)(/|$)",
    re.IGNORECASE,
)
"""What no provisioning client reads: logs, schemas and readings, by far the most of a tree."""

SESSIONS = re.compile(r"/Sessions/?$", re.IGNORECASE)
"""Collection of sessions: who is logged in is nobody's business, and gone tomorrow."""

PATH = re.compile(r"/redfish/v1(/[^\s#?]*)?", re.IGNORECASE)

INFO = "@Redfish.ActionInfo"

Progress = Callable[[int, int], None]
"""Told how many are read and how many are known to follow."""


@dataclass(frozen=True)
class Crawled:
    """What was read."""

    resources: dict[str, dict[str, object]]
    """Path as the tree links to it -> body."""
    unread: dict[str, str]
    """Path -> why it could not be read."""
    left: int
    """Resources that a bound left out; 0 where the tree was read whole."""


def crawl(wire: Wire, most: int, seconds: float, progress: Progress) -> Crawled:
    """Read breadth first. Raises what the wire raises where the BMC itself is away."""
    resources: dict[str, dict[str, object]] = {}
    unread: dict[str, str] = {}
    todo, seen, ends = deque([ROOT.rstrip("/")]), {_key(ROOT)}, time.monotonic() + seconds
    while todo and len(resources) < most and time.monotonic() < ends:
        path = todo.popleft()
        body, why = _read(wire, path)
        if body is None:
            unread[path] = why
            continue
        resources[path] = body
        for one in _links(body):
            if _key(one) not in seen and not LEFT_OUT.search(one):
                seen.add(_key(one))
                todo.append(one)
        progress(len(resources), len(todo))
    return Crawled(resources, unread, len(todo))


def _read(wire: Wire, path: str) -> tuple[dict[str, object] | None, str]:
    try:
        body = dict(wire.get(path).body)
        if SESSIONS.search(path):
            return {**body, "Members": [], "Members@odata.count": 0}, ""
        return (_whole(wire, path, body) if "Members" in body else body), ""
    except STOPS:
        raise
    except sushy_errors.HTTPError as error:
        if error.status_code == NO_SESSION:
            raise
        return None, f"HTTP {error.status_code}"
    except (DeviceError, ValueError) as error:
        return None, error.reason if isinstance(error, DeviceError) else "not JSON"


def _whole(wire: Wire, path: str, body: dict[str, object]) -> dict[str, object]:
    """A collection with the members of all its pages."""
    nexts = ("Members@odata.nextLink", "@odata.nextLink")
    if not any(body.get(one) for one in nexts):
        return body
    listed = [{"@odata.id": one} for one in members(wire, path)]
    return {**{key: value for key, value in body.items() if key not in nexts}, "Members": listed}


def _links(value: object) -> Iterator[str]:
    """Paths of all resources that a body links to, itself included."""
    if isinstance(value, list):
        for one in value:
            yield from _links(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name in ("@odata.id", INFO) and isinstance(one, str):
                found = PATH.fullmatch(one.partition("#")[0])
                if found:
                    yield found[0].rstrip("/")
            else:
                yield from _links(one)


def _key(path: str) -> str:
    return path.rstrip("/").lower()
