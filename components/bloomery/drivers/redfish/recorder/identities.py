"""What in a tree tells which machine it is, and what is nobody's business at all.

An identity is known by the name of its property or by its own form; a secret by its name or form.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bloomery.drivers.redfish import values

Kind = Literal["text", "hex", "ipv4", "ipv6"]

SECRET = re.compile(
    r"passw(or)?d|passphrase|secret|token|community|licen[sc]e(key|string)|entitlementid"
    r"|(private|ssh|encryption|auth\w*|priv\w*|session|api|shared|activation|product)_?keys?$"
    r"|^keys?(string|value)?$|certificatestring|csrstring|cookie|credential",
    re.IGNORECASE,
)
"""Names of properties that hold a secret, or what opens one."""

NAMES = re.compile(
    r"serial_?(number|num|no)?$|^sku$|servicetag|assettag|host_?name|fqdn|domain_?name|^user_?name$"
    r"|node_?id$|^wwn|wwpn|wwnn|guid|durablename|expressservicecode|e_?mail(address)?$|contact\w*"
    r"|phone|fingerprint|(^|_)owner$|ssid$",
    re.IGNORECASE,
)
"""Names of properties whose text tells which machine it is, or whose."""

WITHIN = re.compile(r"^(PostalAddress|Placement|Contacts|Subject|Issuer|GPSCoords)$", re.IGNORECASE)
"""Objects of which every text does."""

PLACE_NUMBERS = ("Latitude", "Longitude", "AltitudeMeters")

VERSION = re.compile(r"version|revision|release", re.IGNORECASE)
"""Names of properties whose four numbers are no address."""

USUAL = frozenset(
    (
        *("root", "admin", "administrator", "user", "userid", "operator", "guest", "anonymous"),
        *("readonly", "sysadmin", "superuser", "service", "vmcli", "default"),
        *("localhost", "localdomain", "openbmc", "bmc", "idrac", "host"),
    )
)
"""Accounts and host names as vendors deliver them: they tell nothing."""

PLAIN = frozenset(
    (
        *("enabled", "disabled", "none", "null", "unknown", "true", "false", "yes", "no"),
        *("auto", "default", "n/a", "na"),
    )
)
"""Values that are a setting, whatever the property is called."""

UUIDS = re.compile(
    r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
)
PAIRS = re.compile(
    r"(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4}(?:[0-9A-Fa-f]{2}"
    r"|(?:[0-9A-Fa-f]{2}\1){2}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{2}\1){14}[0-9A-Fa-f]{2}"
    r"|(?:[0-9A-Fa-f]{2}\1){26}[0-9A-Fa-f]{2})(?![0-9A-Za-z:])"
)
"""MACs, GUIDs, SHA-1 and SHA-256 in pairs of hex digits."""
DOTTED = re.compile(r"(?<![0-9A-Za-z.])[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2}(?![0-9A-Za-z.])")
BARE = re.compile(
    r"(?<![0-9A-Za-z])(?:0x)?(?=[0-9A-Fa-f]*[A-Fa-f])(?=[0-9A-Fa-f]*[0-9])"
    r"(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32}|[0-9A-Fa-f]{16}|[0-9A-Fa-f]{12})"
    r"(?![0-9A-Za-z])"
)
"""MACs, GUIDs, UUIDs and digests without separators: letters and digits both."""
IPV4 = re.compile(r"(?<![0-9A-Za-z.])\d{1,3}(?:\.\d{1,3}){3}(?![0-9A-Za-z]|\.\d)")
IPV6 = re.compile(r"(?<![0-9A-Za-z:.])[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?![0-9A-Za-z:])")
EMAIL = re.compile(r"[\w.+-]+@(?!odata\.|Redfish\.|Message\.)[\w-]+(?:\.[\w-]+)+")
URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<rest>[^\s\"'<>]+)", re.IGNORECASE)
PEM = re.compile(r"-----BEGIN [^-]+-----.*?(?:-----END [^-]+-----|\Z)", re.DOTALL)
SSH_KEY = re.compile(r"\b(ssh-[a-z0-9]+|ecdsa-[a-z0-9-]+) [A-Za-z0-9+/=]{16,}( \S+)?")
OPAQUE = re.compile(r"(?<![\w+/=-])(?=\S*[a-z])(?=\S*[A-Z])(?=\S*\d)[A-Za-z0-9+=]{40,}(?![\w-])")
"""Long random text: a key or a certificate without its frame."""

SCHEMAS = re.compile(r"(^|\.)(dmtf\.org|snia\.org|w3\.org|oasis-open\.org)$", re.IGNORECASE)
"""Hosts of schemas and registries, the same in every tree."""

SAME_EVERYWHERE = tuple(
    ipaddress.ip_network(one)
    for one in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/127")
)
"""Masks, loopback, the link between a BMC and its host: no identities."""

LONG = 6
"""Characters from which a text with a digit is looked for inside of others; a number by itself."""

SHORT = 4
"""Characters from which a text is looked for by itself; shorter ones are found in anything."""

NUMBER = 10**LONG
"""JSON numbers from here on are looked for: below are speeds and sizes that repeat."""


@dataclass(frozen=True)
class Identity:
    """One identity as it stands in the tree."""

    kind: Kind
    text: str

    @property
    def reach(self) -> Literal["inside", "word", "named"]:
        """Where it is looked for: inside of words too, by itself, or only where it is named."""
        if self.kind != "text":
            return "word" if self.kind.startswith("ip") else "inside"
        digits = any(one.isdigit() for one in self.text)
        if self.text.isdigit():
            return "word" if len(self.text) >= LONG else "named"
        if digits and len(self.text) >= LONG:
            return "inside"
        return "word" if len(self.text) >= SHORT else "named"

    @property
    def cased(self) -> bool:
        """Whether case tells it from a common word: it has no digit."""
        return self.kind == "text" and not any(one.isdigit() for one in self.text)


def is_secret(name: str, value: object) -> bool:
    """Whether a property is left empty; settings that only speak of secrets are kept."""
    if not isinstance(value, str) or not value or "@" in name or not SECRET.search(name):
        return False
    return value.lower() not in PLAIN and not value.startswith("/redfish")


def by_name(name: str, value: object, *, within: bool) -> Identity | None:
    """The identity that a property is by its name."""
    if "@" in name or isinstance(value, bool) or not (within or NAMES.search(name)):
        return None
    if isinstance(value, int):
        return Identity("text", str(abs(value))) if abs(value) >= NUMBER else None
    if not isinstance(value, str):
        return None
    text = value.strip(" \t\r\n\0")
    if not values.serial(text) or text.lower() in PLAIN or len(text) < 2:
        return None
    if text.lower() in USUAL or text.startswith("/redfish"):
        return None
    return Identity("text", text)


def by_form(name: str, text: str) -> Iterator[Identity]:
    """Identities in a text, whatever it is called; without a name it is a path or itself a name."""
    for pattern in (UUIDS, PAIRS, DOTTED, BARE):
        for found in pattern.finditer(text):
            if _tells(found[0]):
                yield Identity("hex", found[0])
        text = UUIDS.sub(" ", text)  # its last field has as many digits as a MAC
    if not VERSION.search(name):
        for found in IPV4.finditer(text):
            if _is_address(found[0]):
                yield Identity("ipv4", found[0])
    for found in IPV6.finditer(text):
        if not PAIRS.fullmatch(found[0]) and _is_address(found[0].rstrip(".")):
            yield Identity("ipv6", found[0].rstrip("."))
    for pattern in (EMAIL, OPAQUE) if name else ():
        yield from (Identity("text", found[0]) for found in pattern.finditer(text))


def _tells(text: str) -> bool:
    digits = re.sub(r"[^0-9a-f]", "", text.lower().removeprefix("0x"))
    return len(set(digits)) > 1


def _is_address(text: str) -> bool:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not any(found.version == one.version and found in one for one in SAME_EVERYWHERE)
