"""Addresses that no host has: a network's own, and its broadcast address.

An address, a host and a URL stand in many keys of two files, and each may lie in any network of
the site. So every key of such a type is held against every network, wherever both are written.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from bloomery.errors import Fault
from bloomery.site.metal.delivery import Delivery
from bloomery.site.reading.document import Document
from bloomery.site.types.keys import Key, every_key, written
from bloomery.site.types.network_types import Address, Cidr, HostName, Url

Networks = Sequence[ipaddress.IPv4Network]


def _itself(text: str) -> str:
    return text


def _of_url(text: str) -> str:
    try:
        return urlsplit(text).hostname or ""
    except ValueError:
        return ""  # told by its own type


HOST_OF: Mapping[object, Callable[[str], str]] = {
    get_args(Address)[1]: _itself,
    get_args(HostName)[1]: _itself,
    get_args(Url)[1]: _of_url,
}
"""What makes a key one of hosts -> the host that a value of it names."""

NETWORK = get_args(Cidr)[1]
"""What makes a key one of networks with hosts in them."""


def address_faults(
    document: Document, model: type[BaseModel], delivery: Delivery | None = None
) -> Iterator[Fault]:
    """Every address of ``document``, which ``model`` reads, and of ``delivery``, that is an end
    of a network of ``document``."""
    networks = list(_networks(document, model))
    for key, host_of in _keys_of_hosts(model):
        for path, text in written(document.data, key.pattern):
            for told in _ends(host_of(text), networks) if isinstance(text, str) else ():
                yield document.fault(path, *told)
    for line, machine, endpoint in delivery.endpoints if delivery else ():
        for told in _ends(endpoint.partition(":")[0], networks):
            assert delivery is not None  # noqa: S101 - for the type checker
            yield Fault(delivery.file, line, f"{machine}.bmc_address", *told)


@cache
def _keys_of_hosts(model: type[BaseModel]) -> Sequence[tuple[Key, Callable[[str], str]]]:
    return [
        (key, host_of)
        for key in every_key(model)
        if key.is_plain
        for mark, host_of in HOST_OF.items()
        if mark in key.validators
    ]


@cache
def _keys_of_networks(model: type[BaseModel]) -> Sequence[Key]:
    return [key for key in every_key(model) if key.is_plain and NETWORK in key.validators]


def _networks(document: Document, model: type[BaseModel]) -> Iterator[ipaddress.IPv4Network]:
    for key in _keys_of_networks(model):
        for _, text in written(document.data, key.pattern):
            try:
                yield ipaddress.IPv4Network(key.adapter.validate_python(text))
            except ValidationError:
                continue  # told by its own type


def _ends(host: str, networks: Networks) -> Iterator[tuple[str, str]]:
    """Reason and hint for each network of which ``host`` is an end."""
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        return  # a name, or told by its own type
    for network in networks:
        first, last = network.network_address, network.broadcast_address
        if address in (first, last) and network.num_addresses > 2:
            which = "the network's own address" if address == first else "the broadcast address"
            hint = f"hosts have {first + 1} to {last - 1}"
            yield f"{address} is {which} of {network}", hint
