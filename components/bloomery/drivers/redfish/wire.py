"""Reads and writes on one BMC: redirects, ETags, pages, and tasks polled to their end.

On top of ``transport``, which proves the certificate and sends each request once. What is
repeated here was answered with "not so": a redirect, or an ETag that is missing or old.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from requests import Response
from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish.transport import OnceConnector
from bloomery.errors import Busy, DeviceError, NotTrusted

Json = Mapping[str, object]
"""A JSON object as the BMC sent it."""

REDIRECTS = (301, 302, 303, 307, 308)

HOPS = 3
"""Redirects followed for one request: a missing slash is one; more than three is a circle."""

STALE, TAG_WANTED = 412, 428
"""HTTP statuses: the ETag is not that of the resource; there must be one (RFC 6585)."""

GONE = 404

ACCEPTED = 202

TASK_SECONDS = 120.0
"""How long a task is followed: media and accounts take seconds, a BIOS job a minute or two."""

KEPT_SECONDS = 2.0
"""How long a connection may be idle and still be used. The calls of a phase follow each other at
once, and a handshake takes a BMC longer than all they ask. Servers end what is idle after 5 s and
more (lighttpd), and looks at a machine are 5 s apart."""

ENDED_WELL = ("Completed",)
ENDED_ILL = ("Exception", "Killed", "Cancelled", "Interrupted", "CompletedWithErrors", "Failed")
"""TaskState and JobState of what does not change any more (DSP2046)."""

FOR_A_RESET = ("Pending", "Scheduled", "Suspended")
"""States of a job that waits for the reset which applies it."""


@dataclass(frozen=True)
class Pace:
    """How patient a client is, in seconds."""

    task: float = TASK_SECONDS
    """For a task to end."""
    settle: float = 20.0
    """For what was accepted to show: media take up to ten seconds on OpenBMC."""
    poll: float = 1.0
    """Between two looks, at most; the first ones come sooner."""

    def looks(self, limit: float) -> Iterator[None]:
        """One turn a look, until the limit."""
        ends, pause = time.monotonic() + limit, self.poll / 8
        yield
        while time.monotonic() < ends:
            time.sleep(pause)
            pause = min(self.poll, pause * 2)
            yield


@dataclass(frozen=True)
class Resource:
    """One resource as it was read."""

    path: str
    body: Json
    tag: str = ""
    """Its ETag, from the header or the body; empty where it has none."""


class Wire:
    """The requests of one session."""

    def __init__(self, address: str, connector: OnceConnector, pace: Pace) -> None:
        self._address = address
        self._connector = connector
        self.pace = pace
        self._idle_since: float | None = None
        """When the last call ended; None before the first, and while one runs."""

    def get(self, path: str) -> Resource:
        """Read. Raises Busy where the answer is empty, as it is while a BMC starts."""
        response = self._send("GET", path)
        if not response.content:
            raise Busy(f"the answer to {path} is empty", subject=self._address)
        body = response.json()
        if not isinstance(body, dict):
            raise DeviceError(f"{path} is no object", subject=self._address)
        tag = response.headers.get("ETag") or body.get("@odata.etag") or ""
        return Resource(path, body, str(tag))

    def patch(self, path: str, data: Json, *, for_reset: bool = False) -> None:
        """Write, with the ETag if there is one; a stale or missing one is read once more."""
        tag = self._tag(path)
        try:
            response = self._send("PATCH", path, data, tag)
        except sushy_errors.HTTPError as error:
            if error.status_code not in (STALE, TAG_WANTED):
                raise
            response = self._send("PATCH", path, data, self._other_tag(path, tag))
        self._follow(response, for_reset=for_reset)

    def post(self, path: str, data: Json) -> Response:
        """Do an action, and follow its task."""
        response = self._send("POST", path, data)
        self._follow(response)
        return response

    def delete(self, path: str) -> None:
        """Remove."""
        self._send("DELETE", path)

    def begin(self) -> None:
        """A call begins: a connection that was idle for too long is not used any more."""
        if self._idle_since is not None and time.monotonic() - self._idle_since > KEPT_SECONDS:
            self.close()
        self._idle_since = None

    def pause(self) -> None:
        """A call has ended; the next one may follow at once."""
        self._idle_since = time.monotonic()

    def close(self) -> None:
        """End the connection; the next call makes another."""
        self._idle_since = None
        self._connector.close()

    def _tag(self, path: str) -> str:
        try:
            return self.get(path).tag
        except (sushy_errors.HTTPError, Busy):
            return ""  # a settings resource that is written but not read

    def _other_tag(self, path: str, sent: str) -> str:
        fresh = self._tag(path)
        if fresh and fresh != sent:
            return fresh
        # Not stale: either weak tags are not taken (RFC 9110 13.1.1), or any tag will do.
        return fresh.removeprefix("W/") if fresh.startswith("W/") else "*"

    def _send(self, method: str, path: str, data: Json | None = None, tag: str = "") -> Response:
        for _ in range(HOPS + 1):
            headers = {"If-Match": tag} if tag else {}
            body = None if data is None else dict(data)
            response = self._connector._op(method, path, data=body, headers=headers)
            if response.status_code not in REDIRECTS:
                return response
            path = self._target(method, path, response)
        raise DeviceError(f"{path} leads in a circle", subject=self._address)

    def _target(self, method: str, path: str, response: Response) -> str:
        target = urlsplit(urljoin(f"https://{self._address}{path}", response.headers["Location"]))
        if (target.scheme, target.netloc) != ("https", self._address):
            reason = f"{path} leads to another address, {target.scheme}://{target.netloc}"
            raise NotTrusted(reason, subject=self._address)
        same = same_path(target.path, path)
        if method != "GET" and not same and response.status_code not in (307, 308):
            raise DeviceError(f"{method} {path} leads to {target.path}", subject=self._address)
        return target.path + (f"?{target.query}" if target.query else "")

    def _follow(self, response: Response, *, for_reset: bool = False) -> None:
        task = self._task(response)
        if not task:
            return
        for _ in self.pace.looks(self.pace.task):
            try:
                answer = self._send("GET", task)
            except sushy_errors.HTTPError as error:
                if error.status_code == GONE:
                    return  # ended and forgotten; what it did is read back
                raise
            state, said = _state(answer)
            if state in ENDED_ILL:
                raise DeviceError(f"the task ended in {state}: {said}", subject=self._address)
            if state in ENDED_WELL or (for_reset and state in FOR_A_RESET):
                return
        raise Busy(f"task {task} has not ended for {self.pace.task:.0f} s", subject=self._address)

    def _task(self, response: Response) -> str:
        if response.status_code != ACCEPTED:
            return ""
        place = response.headers.get("Location") or ""
        if not place:
            try:
                body = response.json()
            except ValueError:
                return ""
            place = str(body.get("@odata.id") or "") if isinstance(body, dict) else ""
        return self._target("GET", place, response) if "://" in place else place


def _state(answer: Response) -> tuple[str, str]:
    """State of a task or job, and what it says; a monitor that answers otherwise has ended."""
    if answer.status_code == ACCEPTED:
        return "Running", ""
    try:
        body = answer.json() if answer.content else {}
    except ValueError:
        body = {}
    state = body.get("TaskState") or body.get("JobState") if isinstance(body, dict) else None
    if not state:
        return "Completed", ""
    messages = body.get("Messages")
    first = messages[0] if isinstance(messages, list) and messages else {}
    said = first.get("Message") if isinstance(first, dict) else ""
    return str(state), str(said or body.get("Message") or "no reason given")


def same_path(one: str, other: str) -> bool:
    """Whether two paths mean one resource: case and a trailing slash do not count."""
    return one.rstrip("/").lower() == other.rstrip("/").lower()
