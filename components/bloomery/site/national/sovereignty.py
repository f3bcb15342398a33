"""Country, keys, egress, backup, clocks, floors and budgets: what policies measure.

Everything may be left out here; a policy then says what the site does not say.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from bloomery.site.reading.fault_texts import refuse, suggest
from bloomery.site.types.network_types import Address, Cidr, HostName, Url, inside
from bloomery.site.types.part import Part
from bloomery.site.types.quantity import Days, Hours, Percent
from bloomery.site.types.text_types import Location, Name

KeyCustody = Literal["site", "national", "vendor"]
"""Who holds the keys of data at rest. A policy refuses ``vendor``; it can be written, so
that a site as it is can be described."""


def _version(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9}){0,9}", text):
        raise refuse(f"{text!r} is not a version", "numbers and dots: 580.126.20")
    return text


Version = Annotated[str, AfterValidator(_version)]


class Proxy(Part):
    """One egress proxy."""

    name: Name = Field(examples=["proxy-1"])
    url: Url = Field(examples=["http://10.40.0.9:3128"])


class Way(Part):
    """One host outside that may be reached, and by which proxy."""

    host: HostName = Field(examples=["time.example"])
    proxy: Name = Field(examples=["proxy-1"])


class Egress(Part):
    """What may leave the site."""

    default: Literal["deny", "allow"] = Field(examples=["deny"])
    proxies: tuple[Proxy, ...] = ()
    allow: tuple[Way, ...] = ()

    @field_validator("proxies")
    @classmethod
    def _once(cls, proxies: tuple[Proxy, ...]) -> tuple[Proxy, ...]:
        names = [proxy.name for proxy in proxies]
        for name in names:
            if names.count(name) > 1:
                raise refuse(f"proxy {name!r} is listed twice", "give each proxy its own name")
        return proxies

    @field_validator("allow")
    @classmethod
    def _by_known_proxies(cls, allow: tuple[Way, ...], info: ValidationInfo) -> tuple[Way, ...]:
        if "proxies" not in info.data:
            return allow
        names = [proxy.name for proxy in info.data["proxies"]]
        for way in allow:
            if way.proxy not in names:
                hint = suggest(way.proxy, names, "proxies") or "list it under egress.proxies"
                raise refuse(f"unknown proxy {way.proxy!r} for {way.host}", hint)
        hosts = [way.host for way in allow]
        for host in hosts:
            if hosts.count(host) > 1:
                raise refuse(f"{host} is listed twice", "one proxy a host")
        return allow


class Facility(Part):
    """The network of the building (OT): pumps, valves, breakers."""

    cidr: Cidr = Field(examples=["10.60.0.0/16"])
    broker: Address = Field(examples=["10.60.0.1"])
    """The one host by which facility values reach the site; it stands in that network."""

    _broker_inside = field_validator("broker")(inside)


class Backup(Part):
    """Backup of the site."""

    site: Location = Field(examples=["UA-lviv"])
    encrypted: bool = Field(examples=["true"])
    offline: bool = Field(examples=["true"])
    """Whether one copy cannot be reached over any network."""


class Floor(Part):
    """Oldest versions that are allowed: what is older has a published weakness."""

    driver: Version | None = Field(default=None, examples=["580.126.20"])
    firmware: Version | None = None


class ChangeBudget(Part):
    """Limit of one change to live machines."""

    nodes: Percent = Field(examples=["25 %"])
    """Live machines of a pool one change may reboot or wipe."""
    time: Hours = Field(examples=["8 h"])
    """Time one change of live machines may take."""


class Sovereignty(Part):
    """Requirements of law and nation."""

    key_custody: KeyCustody | None = None
    egress: Egress | None = None
    registries: tuple[Url, ...] = ()
    """Registries and mirrors software may come from."""
    images_by_digest: bool = False
    """Whether software is named by digest only, never by a tag that can move."""
    facility: Facility | None = None
    backup: Backup | None = None
    time_sources: tuple[Address, ...] = ()
    """Clocks on site that all others follow."""
    secret_max_age: Days | None = None
    """Longest life of a secret; a number alone is days."""
    floor: Floor = Floor()
    change_budget: ChangeBudget | None = None
