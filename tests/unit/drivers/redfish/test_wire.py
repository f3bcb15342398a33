"""The wire of the client: sent once, translated into our errors, no way around TLS."""

from __future__ import annotations

import json
import socket
import ssl
import threading

import pytest
import requests
from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish.answers import speaking
from bloomery.drivers.redfish.client import Dialer
from bloomery.drivers.redfish.protocol import Trust
from bloomery.drivers.redfish.transport import OnceConnector
from bloomery.errors import (
    Busy,
    CredentialRefused,
    DeviceError,
    LockedOut,
    NotTrusted,
    PasswordExpired,
    SessionEnded,
    Unreachable,
    Unsupported,
)

PIN = Trust(cert_sha256="ab" * 32)


def answer(status: int, message: str = "") -> requests.Response:
    reply = requests.Response()
    reply.status_code = status
    detail = {"Message": message, "MessageId": "Base.1.18.X", "Severity": "Critical"}
    body = {"error": {"code": "Base.1.18.X", "@Message.ExtendedInfo": [detail]}}
    reply._content = json.dumps(body).encode()
    return reply


@pytest.mark.parametrize(
    ("status", "message", "login", "kind"),
    [
        (401, "User name or password is not valid.", True, CredentialRefused),
        (403, "Access denied.", True, CredentialRefused),
        (401, "Your clock is wrong.", True, CredentialRefused),
        (401, "The account is locked out.", True, LockedOut),
        (403, "Your IP address is blocked.", True, LockedOut),
        (401, "No valid session.", False, SessionEnded),
        (403, "No privilege.", False, CredentialRefused),
        (400, "Unknown property.", False, Unsupported),
        (404, "Not found.", False, Unsupported),
        (405, "Not allowed.", False, Unsupported),
        (501, "Not implemented.", False, Unsupported),
        (409, "In use.", False, Busy),
        (412, "Changed.", False, Busy),
        (429, "Slow down.", False, Busy),
        (500, "Oops.", False, Busy),
        (503, "Session limit exceeded.", True, Busy),
        (418, "Teapot.", False, DeviceError),
        (403, "Maximum number of sessions reached.", True, Busy),
        (403, "Too many failures in this session, account locked.", True, LockedOut),
        (403, "The password must be changed.", False, PasswordExpired),
    ],
)
def test_http_answers_become_our_errors(status, message, login, kind):
    with pytest.raises(DeviceError) as caught, speaking("bmc", login=login):
        sushy_errors.raise_for_response("GET", "https://bmc/x", answer(status, message))
    assert type(caught.value) is kind
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (sushy_errors.MissingAttributeError(attribute="A", resource="r"), Unsupported),
        (sushy_errors.MissingActionError(action="A", resource="r"), Unsupported),
        (
            sushy_errors.InvalidParameterValueError(parameter="p", value="v", valid_values="w"),
            Unsupported,
        ),
        (sushy_errors.MalformedAttributeError(attribute="A", resource="r", error="e"), DeviceError),
        (requests.exceptions.JSONDecodeError("no JSON", "<html>", 0), Unreachable),
        (AttributeError("'NoneType' object has no attribute 'x'"), DeviceError),
    ],
)
def test_odd_answers_become_our_errors(error, kind):
    with pytest.raises(DeviceError) as caught, speaking("bmc"):
        raise error
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("said", "kind", "reason"),
    [
        ("[SSL: UNSUPPORTED_PROTOCOL] unsupported protocol", NotTrusted, "TLS 1.2"),
        ("[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred", Unreachable, "no answer"),
    ],
)
def test_tls_that_is_too_old_is_named(said, kind, reason):
    with pytest.raises(DeviceError, match=reason) as caught, speaking("bmc"):
        raise sushy_errors.ConnectionError(url="u", error="e") from ssl.SSLError(1, said)
    assert type(caught.value) is kind


def test_answer_that_is_no_json_still_has_a_kind():
    reply = requests.Response()
    reply.status_code = 502
    reply._content = b"<html>"
    with pytest.raises(Busy), speaking("bmc"):
        sushy_errors.raise_for_response("GET", "https://bmc/x", reply)


@pytest.fixture
def hangs_up():
    """An address that takes connections and ends them; counts them."""
    count: list[int] = []
    listener = socket.create_server(("127.80.0.7", 0))

    def run() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            count.append(1)
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield f"127.80.0.7:{listener.getsockname()[1]}", count
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_connection_that_ends_is_not_tried_again(hangs_up):
    address, count = hangs_up
    with pytest.raises(Unreachable):
        Dialer(connect_seconds=2, read_seconds=2)(address, PIN, "admin", "secret")
    assert len(count) == 1


def test_silent_address_is_unreachable_within_the_limit():
    with socket.create_server(("127.80.0.8", 0)) as quiet:
        dialer = Dialer(connect_seconds=0.3, read_seconds=0.3)
        with pytest.raises(Unreachable):
            dialer(f"127.80.0.8:{quiet.getsockname()[1]}", PIN, "admin", "secret")


def connector() -> OnceConnector:
    return OnceConnector("127.80.0.7:1", PIN, connect_seconds=1, read_seconds=1)


def test_redirects_are_not_followed(monkeypatch):
    wire, seen = connector(), {}

    def request(*_args, **options):
        seen.update(options)
        return answer(200)

    monkeypatch.setattr(wire._session, "request", request)
    wire.get("/redfish/v1/")
    assert seen["allow_redirects"] is False


def test_plain_http_is_refused():
    with pytest.raises(NotTrusted):
        connector()._session.get("http://127.80.0.7:1/", timeout=1)


def test_environment_is_not_asked():
    assert connector()._session.trust_env is False
