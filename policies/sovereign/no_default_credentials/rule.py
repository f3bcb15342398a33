"""No machine keeps its factory password, none is in the inputs, and secrets have a maximum age.

On the site: ``bmcCredentials`` is ``derived`` (from the site secret), and a secret lives a
year at most. On a node: the key epoch is a whole number from 1, and nothing in its inputs
looks like a password.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from pulumi_policy import ResourceValidationArgs

Report = Callable[[str], None]

SECRET_WORDS = ("password", "passwd", "passphrase", "secret", "privatekey")
"""Parts of a key's name that give a credential away, lower case, without separators."""

OLDEST_DAYS = 366
"""Longest life of a secret that is accepted: a year is what audits run by."""


def _secret_paths(props: Mapping[str, object], path: str) -> Iterator[str]:
    for key, value in props.items():
        where = f"{path}.{key}" if path else str(key)
        if _telling(str(key)):
            yield where
        elif isinstance(value, Mapping):
            yield from _secret_paths(value, where)


@cache
def _telling(key: str) -> bool:
    """Whether a key's name gives a credential away. Resources share a few dozen names."""
    name = key.lower().replace("_", "").replace("-", "")
    return any(word in name for word in SECRET_WORDS)


def site(args: ResourceValidationArgs, report: Report) -> None:
    """How BMC passwords come about, and how long a secret lives."""
    mode = args.props.get("bmcCredentials") or "not given"
    if mode != "derived":
        report(f"bmcCredentials is {mode}, not derived from the site secret")
    days = args.props["sovereignty"]["secretMaxAgeDays"]
    if not 1 <= days <= OLDEST_DAYS:
        report(f"maximum secret age is {days:g} days; 1 to {OLDEST_DAYS} is accepted")


def node(args: ResourceValidationArgs, report: Report) -> None:
    """Which derivation of its keys a machine has."""
    epoch = args.props.get("keyEpoch")
    if not isinstance(epoch, (int, float)) or epoch != int(epoch) or epoch < 1:
        report(f"keyEpoch is {epoch}: the BMC password would not be derived")
    for path in _secret_paths(args.props, ""):
        report(f"{path} puts a credential into the inputs, and so into state and plan")


JUDGES = {"bloomery:site:Site": site, "bloomery:metal:Node": node}
