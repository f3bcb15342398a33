"""From what sushy and requests raise to the errors of bloomery."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import requests
import urllib3
from sushy import exceptions as sushy_errors

from bloomery.errors import (
    BloomeryError,
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

BUSY_STATUS = (409, 412, 423, 429, 500, 502, 503, 504)
"""HTTP statuses a BMC leaves by itself: conflicts, rate limits, a service that starts."""

UNSUPPORTED_STATUS = (400, 404, 405, 501)
"""HTTP statuses that say the function, the path or the value is not there."""

LOCKED = re.compile(r"\bb?lock", re.IGNORECASE)
"""A refused login that speaks of locked, lock-out or blocked; vendors agree on no id."""

TOO_MANY = re.compile(
    r"SessionLimitExceeded|RAC0218"
    r"|session\w*.*\b(limit|maximum|exceed\w*|too many|no more|in use)\b"
    r"|\b(limit|maximum|too many|no more)\b.*session",
    re.IGNORECASE,
)
"""A refused login that speaks of the number of sessions: 403 on some BMCs, 503 on others."""

CHANGE_FIRST = re.compile(r"PasswordChangeRequired|password.{0,40}must be changed", re.IGNORECASE)
"""DSP8011's message, and the sentence where the id is left out."""

OLD_TLS = ("unsupported protocol", "wrong version number", "protocol version", "handshake failure")
"""Words in TLS errors of a BMC that knows no TLS 1.2."""

CERTIFICATE_WORDS = ("fingerprint", "certificate verify failed", "hostname", "ip address mismatch")
"""Words in TLS errors that concern the certificate, not the connection."""


@contextmanager
def speaking(address: str, *, login: bool = False) -> Iterator[None]:
    """Translate what goes wrong inside. ``login`` marks the one login attempt."""
    try:
        yield
    except BloomeryError:
        raise
    except sushy_errors.AccessError as exc:
        raise _refused(exc, address, login=login) from exc
    except sushy_errors.HTTPError as exc:
        raise _http(exc, address) from exc
    except (sushy_errors.ConnectionError, requests.RequestException) as exc:
        raise _no_answer(exc, address) from exc
    except sushy_errors.InvalidParameterValueError as exc:
        raise Unsupported(_short(exc), subject=address) from exc
    except (sushy_errors.MissingActionError, sushy_errors.MissingAttributeError) as exc:
        raise Unsupported(_short(exc), subject=address) from exc
    except (sushy_errors.SushyError, ValueError, TypeError, KeyError, AttributeError) as exc:
        reason = f"the answer is not valid Redfish: {type(exc).__name__}: {_short(exc)}"
        raise DeviceError(reason, subject=address) from exc


def _refused(exc: sushy_errors.AccessError, address: str, *, login: bool) -> BloomeryError:
    said = _detail(exc)
    full = f"{said} {' '.join(message_ids(exc))}"
    if CHANGE_FIRST.search(full):
        return PasswordExpired(
            f"the password must be changed first: {said}",
            subject=address,
            next_step="change it, then log in anew",
        )
    if LOCKED.search(said):
        return LockedOut(
            f"the account is locked: {said}",
            subject=address,
            next_step="wait for the lock-out to end; every attempt prolongs it",
        )
    if TOO_MANY.search(full):
        return Busy(f"all sessions are taken: {said}", subject=address)
    if login:
        return CredentialRefused(
            f"login refused: {said}",
            subject=address,
            next_step="check the account on the BMC; bloomery does not retry",
        )
    if exc.status_code == 401:
        return SessionEnded(f"the session has ended: {said}", subject=address)
    return CredentialRefused(f"the account lacks the privilege: {said}", subject=address)


def _http(exc: sushy_errors.HTTPError, address: str) -> BloomeryError:
    reason = f"HTTP {exc.status_code}: {_detail(exc)}"
    if exc.status_code in BUSY_STATUS or TOO_MANY.search(f"{reason} {' '.join(message_ids(exc))}"):
        return Busy(reason, subject=address)
    if exc.status_code in UNSUPPORTED_STATUS:
        return Unsupported(reason, subject=address)
    return DeviceError(reason, subject=address)


def _no_answer(exc: BaseException, address: str) -> BloomeryError:
    causes = tuple(_causes(exc))
    for cause in causes:
        if _is_certificate(cause):
            return NotTrusted(
                f"certificate refused: {_short(cause)}",
                subject=address,
                next_step="check the machine; its certificate must be the pinned or site CA one",
            )
    deepest = causes[-1]
    if any(_is_old_tls(cause) for cause in causes):
        reason = f"no TLS 1.2 or later, the least that is accepted: {_short(deepest)}"
        return NotTrusted(reason, subject=address, next_step="update the BMC's firmware")
    return Unreachable(f"no answer: {type(deepest).__name__}: {_short(deepest)}", subject=address)


def _is_certificate(exc: BaseException) -> bool:
    if isinstance(exc, ssl.SSLCertVerificationError):
        return True
    if not isinstance(exc, ssl.SSLError | urllib3.exceptions.SSLError):
        return False
    return any(word in str(exc).lower() for word in CERTIFICATE_WORDS)


def _is_old_tls(exc: BaseException) -> bool:
    return isinstance(exc, ssl.SSLError) and any(word in str(exc).lower() for word in OLD_TLS)


def _causes(exc: BaseException) -> Iterator[BaseException]:
    """The error, then what it wraps: requests and urllib3 hide causes in args and reason."""
    seen: set[int] = set()
    todo: list[object] = [exc]
    while todo:
        one = todo.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        todo += [getattr(one, "reason", None), *one.args, one.__cause__, one.__context__]


def extended(exc: sushy_errors.HTTPError) -> list[dict[str, object]]:
    """The messages of a refusal (DSP0266 8.6), whatever shape they came in."""
    info = exc.extended_info
    found = info if isinstance(info, list) else [info]
    return [one for one in found if isinstance(one, dict)]


def message_ids(exc: sushy_errors.HTTPError) -> list[str]:
    """Ids of the messages of a refusal."""
    ids = [str(one.get("MessageId") or "") for one in extended(exc)]
    return [one for one in (*ids, str(exc.code or "")) if one]


def _detail(exc: sushy_errors.HTTPError) -> str:
    return _one_line(str(exc.detail or "no reason given"))


def _short(exc: BaseException) -> str:
    return _one_line(str(exc))


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else line[:297] + "..."
