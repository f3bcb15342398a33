"""Addresses, networks, hosts and URLs, each with its own refusal.

What a value is by itself is told here. Whether an address is one a host can have in the networks
of the site is told by ``site.host_addresses``.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, ValidationInfo

from bloomery.site.reading.document import shorten
from bloomery.site.reading.fault_texts import refuse

WIDEST = 8
"""Shortest prefix of a network: 10.0.0.0/8 is the largest private one (RFC 1918)."""

NARROWEST = 30
"""Longest prefix of a network with a host beside another: its two ends are no hosts."""

LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
"""One part of a host name (RFC 1123)."""

LONGEST_HOST = 253
"""Characters of a host name (RFC 1035, without the root)."""

URL_TEXT = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
"""Characters of a URL (RFC 3986)."""

URL_HINT = "http://host:port/path or https://host:port/path"


def _cidr(text: str) -> str:
    network = _network(text)
    if network.prefixlen > NARROWEST:
        raise refuse(f"{text!r} has no room for two hosts", f"/{NARROWEST} or wider")
    return text


def _pool(text: str) -> str:
    _network(text)
    return text


def _network(text: str) -> ipaddress.IPv4Network:
    hint = "address/prefix: 10.20.0.0/16"
    try:
        if not re.fullmatch(r"[0-9./]+", text):
            raise ValueError(text)
        network = ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        raise _no(text, "an IPv4 network", hint) from None
    if str(network) != text:
        raise refuse(f"{text!r} is not the first address of its network", f"write {network}")
    if network.prefixlen < WIDEST:
        raise refuse(f"{text!r} is too wide", f"/{WIDEST} or narrower")
    _usable(network.network_address, text)
    return network


def _address(text: str) -> str:
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        raise _no(text, "an IPv4 address", "four numbers of 0 to 255: 10.20.0.1") from None
    _usable(address, text)
    return str(address)


def _usable(address: ipaddress.IPv4Address, text: str) -> None:
    """Refuse what no host can have: 0.0.0.0/8, groups, and what is reserved (RFC 6890)."""
    if not 0 < address.packed[0] < 224:
        raise refuse(f"{text!r} is in a range that hosts cannot have", "1.0.0.0 to 223.255.255.255")


def inside(address: str, info: ValidationInfo) -> str:
    """An address beside the ``cidr`` of its section, in which it must lie."""
    cidr = info.data.get("cidr")
    if cidr and ipaddress.IPv4Address(address) not in ipaddress.IPv4Network(cidr):
        raise refuse(f"{address} is outside {cidr}", "use an address of that network")
    return address


def _endpoint(text: str) -> str:
    address, colon, port = text.partition(":")
    _address(address)
    if colon and not _is_port(port):
        raise refuse(f"{shorten(port)} is not a TCP port", "1 to 65535, or none for 443")
    return text


def _is_port(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,5}", text)) and 0 < int(text) < 65536


def is_host(text: str) -> bool:
    """Whether ``text`` is a host name or an IPv4 address; numbers alone are an address."""
    labels = text.split(".")
    if len(text) > LONGEST_HOST or not all(LABEL.fullmatch(label) for label in labels):
        return False
    if not labels[-1].isdigit():
        return True
    try:
        return 0 < ipaddress.IPv4Address(text).packed[0] < 224
    except ValueError:
        return False


def _host(text: str) -> str:
    if "." not in text or not is_host(text):
        raise _no(text, "a host", "one name or address, no pattern: time.example")
    return text.lower()


def _url(text: str) -> str:
    if not URL_TEXT.fullmatch(text):
        raise _no(text, "a URL", URL_HINT)
    try:
        parts = urlsplit(text)
    except ValueError:
        raise _no(text, "a URL", URL_HINT) from None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise _no(text, "a URL", URL_HINT)
    if "@" in parts.netloc:
        raise refuse("the URL holds a login", "a site file is public: remove the login")
    _host_and_port(parts)
    if "?" in text or "#" in text:
        raise refuse(f"{shorten(text)} has a query or a fragment", "paths are put behind it")
    return text.rstrip("/")


def _host_and_port(parts: SplitResult) -> None:
    host, colon, port = parts.netloc.partition(":")
    if parts.netloc.startswith("["):
        host, _, after = parts.netloc[1:].partition("]")
        colon, port = after[:1], after[1:]
        known = _is_ipv6(host)
    else:
        known = is_host(host)
    if not known:
        raise refuse(f"{shorten(host)} is not a host of a URL", "a name or an address, then :port")
    if colon and not _is_port(port):
        default = 443 if parts.scheme == "https" else 80
        raise refuse(f"{shorten(port)} is not a TCP port", f"1 to 65535, or none for {default}")


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text


def _no(text: str, what: str, hint: str) -> Exception:
    return refuse(f"{shorten(text)} is not {what}" if text else "empty", hint)


Address = Annotated[str, AfterValidator(_address)]
AddressPool = Annotated[str, AfterValidator(_pool)]
"""A network that is cut into links and single addresses: none of it is the end of a network."""
Cidr = Annotated[str, AfterValidator(_cidr)]
"""A network with hosts in it."""
Endpoint = Annotated[str, AfterValidator(_endpoint)]
HostName = Annotated[str, AfterValidator(_host)]
Url = Annotated[str, AfterValidator(_url)]
