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
    if LOCKED.search(said):
        return LockedOut(
            f"the account is locked: {said}",
            subject=address,
            next_step="wait for the lock-out to end; every attempt prolongs it",
        )
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
    if exc.status_code in BUSY_STATUS:
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
    return Unreachable(f"no answer: {type(deepest).__name__}: {_short(deepest)}", subject=address)


def _is_certificate(exc: BaseException) -> bool:
    if isinstance(exc, ssl.SSLCertVerificationError):
        return True
    if not isinstance(exc, ssl.SSLError | urllib3.exceptions.SSLError):
        return False
    return any(word in str(exc).lower() for word in CERTIFICATE_WORDS)


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


def _detail(exc: sushy_errors.HTTPError) -> str:
    return _one_line(str(exc.detail or "no reason given"))


def _short(exc: BaseException) -> str:
    return _one_line(str(exc))


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else line[:297] + "..."
