"""One BMC of a recorded tree: logins, then reads and writes. No sockets here."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from trees.actions import Actions
from trees.recording import ROOT, Json, Recording, as_object, key, link, members
from trees.refusal import Refusal
from trees.state import Resources


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class RecordedBmc:
    """A recorded tree that logs in, is read and is written."""

    def __init__(self, recording: Recording, user: str, password: str, *, first: bool) -> None:
        """``first``: as from the factory, where the password must be changed first."""
        self.resources = Resources(recording)
        self._actions = Actions(self.resources)
        self._user = user
        self._password = password
        self._first = first
        self._tokens: set[str] = set()
        root = self.resources.get(ROOT)
        service = link(root, "SessionService")
        self._sessions = link(root, "Links", "Sessions") or (
            link(self.resources.get(service), "Sessions") if self.resources.has(service) else ""
        )

    def answer(
        self, method: str, path: str, headers: Mapping[str, str], data: Mapping[str, object]
    ) -> Answer:
        """Answer one request; ``headers`` by lower-case name."""
        try:
            return self._route(method, path, headers, data)
        except Refusal as refusal:
            return Answer(refusal.status, refusal.body())

    def _route(
        self, method: str, path: str, headers: Mapping[str, str], data: Mapping[str, object]
    ) -> Answer:
        plain = path.partition("?")[0]
        opening = method == "POST" and self._sessions and key(plain) == key(self._sessions)
        if opening:
            return self._open(data)
        if key(plain) not in (key(ROOT), "/redfish"):
            self._require_login(method, plain, headers)
        self._actions.settle()
        if method == "GET":
            return self._get(path)
        if method == "PATCH":
            return self._patch(plain, data, headers.get("if-match"))
        if method == "DELETE":
            self._tokens.discard(headers.get("x-auth-token", ""))
            self.resources.drop(plain)
            return Answer(204)
        if method == "POST":
            status, task = self._actions.post(plain, data)
            return Answer(status, None, {"Location": task} if task else {})
        raise Refusal(405, "OperationNotAllowed", f"{method} is not allowed.")

    def _open(self, data: Mapping[str, object]) -> Answer:
        if (data.get("UserName"), data.get("Password")) != (self._user, self._password):
            raise Refusal(401, "ResourceAtUriUnauthorized", "The user name or password is wrong.")
        token = secrets.token_hex(8)
        self._tokens.add(token)
        path = f"{self._sessions.rstrip('/')}/{token[:6]}"
        body: Json = {"@odata.id": path, "Id": token[:6], "UserName": self._user}
        self.resources.put(path, body)
        return Answer(201, body, {"X-Auth-Token": token, "Location": path})

    def _require_login(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        basic = base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
        known = headers.get("x-auth-token") in self._tokens
        if not known and headers.get("authorization") != f"Basic {basic}":
            raise Refusal(401, "NoValidSession", "There is no valid session.")
        own = bool(self._account()) and key(path) == key(self._account())
        if self._first and not own and not key(path).startswith(key(self._sessions or "-")):
            text = "The password of the account must be changed before access is granted."
            raise Refusal(403, "PasswordChangeRequired", text, self._account())

    def _account(self) -> str:
        accounts: Json = self.resources.get(ROOT)
        for name in ("AccountService", "Accounts"):
            if not self.resources.has(link(accounts, name)):
                return ""
            accounts = self.resources.get(link(accounts, name))
        for path in members(accounts):
            if self.resources.get(path).get("UserName") == self._user:
                return path
        return ""

    def _get(self, path: str) -> Answer:
        plain = path.partition("?")[0]
        self._actions.look_at_task(plain)
        body = self.resources.get(plain)
        own = str(body.get("@odata.id") or "")
        if own.endswith("/") and not plain.endswith("/") and key(own) == key(plain):
            return Answer(301, None, {"Location": own})
        skip = re.search(r"\$skip=(\d+)", path)
        tag = str(body.get("@odata.etag") or "")
        shown = self.resources.page(plain, int(skip[1]) if skip else 0)
        return Answer(200, json.loads(json.dumps(shown)), {"ETag": tag} if tag else {})

    def _patch(self, path: str, data: Mapping[str, object], tag: str | None) -> Answer:
        if "Image" in data:
            self._actions.insert_by_patch(path, data)
            return Answer(204)
        self.resources.patch(path, data, tag)
        if "Password" in data:
            if key(path) != key(self._account()):
                raise Refusal(403, "InsufficientPrivilege", "Not this account.")
            self._password, self._first = str(data["Password"]), False
        if "@Redfish.SettingsApplyTime" in data:
            return Answer(202, None, {"Location": self._actions.task()})
        body = as_object(self.resources.get(path))
        return Answer(200, json.loads(json.dumps(body)))
