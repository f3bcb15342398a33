"""No dataclass of the package shows a secret when it is printed, logged or in a traceback."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re

import bloomery

HINTS = re.compile(
    r"(^|_)(private_key|login_key|secret|secret_vars|password|passphrase|nonce|token|sealed)$"
    r"|^private$|^key$|seed_url"
)
"""Field names that hold a secret."""

NO_SECRETS = re.compile(r"bloomery\.(catalogue|site|plan|check|report)\.")
"""Rooms that no secret ever enters; there a ``key`` is the name of a model."""

HARMLESS = {
    ("bloomery.drivers.ansible.request", "Request", "private"): "a directory",
    ("bloomery.lab.virtual_machine", "LabSettings", "secret"): "a SiteSecret, which shows nothing",
    ("bloomery.provider.context", "Context", "_secret"): "a SiteSecret, which shows nothing",
}


def shown() -> set[tuple[str, str, str]]:
    """Module, class and field of each dataclass field that is named like a secret and shown."""
    found = set()
    for info in pkgutil.walk_packages(bloomery.__path__, "bloomery."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        for kind in vars(module).values():
            ours = isinstance(kind, type) and kind.__module__.startswith("bloomery.")
            if not (ours and dataclasses.is_dataclass(kind)):
                continue
            found |= {
                (kind.__module__, kind.__name__, field.name)
                for field in dataclasses.fields(kind)
                if field.repr
                and HINTS.search(field.name)
                and not (field.name == "key" and NO_SECRETS.match(kind.__module__))
            }
    return found


def test_no_secret_is_shown() -> None:
    assert shown() == set(HARMLESS), "give the field repr=False"


def test_the_search_finds_what_it_should() -> None:
    for name in ("private_key", "nonce", "secret_vars", "password", "_token", "key", "seed_url"):
        assert HINTS.search(name), name
    for name in ("host_key", "nonce_sha256", "derived_secrets", "depot_key"):
        assert not HINTS.search(name), name
