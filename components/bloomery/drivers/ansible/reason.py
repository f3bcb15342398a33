"""Why a task failed, in one line that carries no secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

MAX_LENGTH = 300
"""Characters; enough for a cause, too short for a log."""

_HIDDEN = "hidden: the task handles a secret"
_SHORTEST = 4
"""Shorter values are no secrets, and blotting them out would garble every text."""


def of(result: object, secrets: Iterable[str]) -> str:
    """The cause in the result of a failed task."""
    return clean(_cause(result), secrets)


def clean(text: str, secrets: Iterable[str]) -> str:
    """``text`` on one line, without secrets, cut to a readable length."""
    for secret in sorted(set(secrets), key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, "***")
    line = " ".join(text.split())
    return line if len(line) <= MAX_LENGTH else line[: MAX_LENGTH - 3] + "..."


def secret_words(values: Iterable[str]) -> list[str]:
    """Values and the lines of those that have several: tools quote single lines."""
    words: list[str] = []
    for value in values:
        words += [value, *value.splitlines()]
    return words


def _cause(result: object) -> str:
    if not isinstance(result, Mapping):
        return "failed without a message"
    if "censored" in result:
        return _HIDDEN
    items = result.get("results")
    if isinstance(items, list):
        failed = [item for item in items if isinstance(item, Mapping) and item.get("failed")]
        if failed:
            return _cause(failed[0])
    message = str(result.get("msg", "")).strip()
    if _host_key(message):
        return "the host key is not the expected one"
    return _with_output(message, result) or "failed without a message"


def _host_key(message: str) -> bool:
    return bool(
        re.search(r"host key verification failed|identification has changed", message, re.I)
    )


def _with_output(message: str, result: Mapping[str, object]) -> str:
    """A command's own words say more than "non-zero return code"."""
    for stream in ("stderr", "module_stderr", "stdout", "module_stdout"):
        lines = [line for line in str(result.get(stream, "")).splitlines() if line.strip()]
        if lines:
            return f"{message}: {lines[-1].strip()}" if message else lines[-1].strip()
    return message
