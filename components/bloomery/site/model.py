"""``site.yaml`` as frozen models: sizes and choices, never derived values.

A key that is written here is a key of the file; unknown keys are refused.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from bloomery.site.machine import MAX_UNITS, Machine
from bloomery.site.wording import refuse
from bloomery.site.words import (
    Address,
    Cidr,
    Country,
    Location,
    ModelKey,
    Name,
    RackName,
    ReleaseName,
    Text,
    Url,
    User,
)

Purpose = Literal["management", "training", "serving"]
RunName = Literal["base", "slurm", "train", "serve"]

NEEDS: Mapping[RunName, tuple[RunName, ...]] = {
    "base": (),
    "slurm": ("base",),
    "train": ("slurm",),
    "serve": ("base", "train"),
}
"""Run -> runs that must have converged before: the server serves what the training exported."""


class Part(BaseModel):
    """Base of every part of a site: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _inside(address: str, info: ValidationInfo) -> str:
    cidr = info.data.get("cidr")
    if cidr and ipaddress.IPv4Address(address) not in ipaddress.IPv4Network(cidr):
        raise refuse(f"{address} is outside {cidr}", "take an address of that network")
    return address


class OobNetwork(Part):
    """The network of the BMCs."""

    cidr: Cidr = Field(examples=["10.20.0.0/16"])
    controller: Address = Field(examples=["10.20.0.1"])
    """The controller's own address in it; seeds are served there."""

    _controller_inside = field_validator("controller")(_inside)


class ProvisioningNetwork(Part):
    """The network of the hosts."""

    cidr: Cidr = Field(examples=["10.40.0.0/16"])
    gateway: Address = Field(examples=["10.40.0.1"])
    ssh_port: int = Field(default=22, ge=1, le=65535)
    user: User = Field(default="deploy")
    """Login with sudo that is created on every host."""

    _gateway_inside = field_validator("gateway")(_inside)


class Networks(Part):
    """The two networks, kept apart."""

    oob: OobNetwork
    provisioning: ProvisioningNetwork


class Depot(Part):
    """The site's own mirror of all a release needs."""

    url: Url = Field(examples=["http://10.40.0.1:8480"])
    """Base URL as the hosts reach it."""
    media: Url | None = None
    """Base URL of installation media as the BMCs reach it. Left out: ``/media`` on the
    controller, by HTTPS, at the port of ``url``."""


class Rack(Part):
    """One rack."""

    name: RackName = Field(examples=["r01"])
    units: int = Field(ge=1, le=MAX_UNITS, examples=[48])
    power_kw: float = Field(gt=0, allow_inf_nan=False, examples=[40])
    """Power its feeds can give after derating, kW."""


class Pool(Part):
    """Machines of one model and one purpose."""

    name: Name = Field(examples=["train"])
    model: ModelKey = Field(examples=["dgx-b200"])
    purpose: Purpose = Field(examples=["training"])
    bios: Mapping[str, Text] = Field(default_factory=dict)
    """BIOS attributes that must hold, over those of the model."""


class Trust(Part):
    """Which keys are in force."""

    key_epoch: int = Field(default=1, ge=1)
    """Which derivation of the keys is wanted. Raising it never reinstalls anything."""
    bmc_credentials: Literal["derived", "factory"] = "derived"
    """``derived`` from the site secret, or left as delivered (policies refuse that)."""


class Policy(Part):
    """What law or contract allows."""

    allowed_locations: tuple[Location, ...] = ()


class Cluster(Part):
    """What runs on the machines."""

    runs: tuple[RunName, ...] = Field(min_length=1, examples=["[base]"])
    port: int = Field(default=8000, ge=1, le=65535)
    """TCP port of the serving API."""
    model_name: Name = "tiny"
    """Name under which the trained model is served."""

    @field_validator("runs")
    @classmethod
    def _complete(cls, runs: tuple[RunName, ...]) -> tuple[RunName, ...]:
        if len(set(runs)) < len(runs):
            raise refuse("a run is listed twice", "list each run once")
        for run in runs:
            for needed in NEEDS[run]:
                if needed not in runs:
                    raise refuse(f"run {run!r} needs run {needed!r}", f"add {needed!r}")
        return runs


class SiteSheet(Part):
    """All of ``site.yaml``."""

    name: Name = Field(alias="site", examples=["kyiv"])
    country: Country = Field(examples=["UA"])
    location: Location = Field(examples=["UA-kyiv"])
    lab: bool = False
    """Whether machines are virtual."""
    release: ReleaseName = Field(examples=["metal-2026.11"])
    networks: Networks
    depot: Depot
    racks: tuple[Rack, ...] = Field(min_length=1)
    pools: tuple[Pool, ...] = Field(min_length=1)
    trust: Trust = Trust()
    install_generation: int = Field(default=1, ge=1)
    """Which installation of every machine is wanted. Raising it wipes; see ``reinstall``."""
    reinstall: Mapping[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    """Node -> install generation, for one machine at a time."""
    policy: Policy = Policy()
    on_delete: Literal["release", "power-off", "wipe"] = "release"
    """What leaving the stack means for a machine; ``release`` leaves it running."""
    protect: bool = True
    """Whether live nodes are protected in the stack."""
    cluster: Cluster | None = None
    """Left out: machines are brought up and nothing runs on them."""
    cooling: Mapping[str, Text] = Field(default_factory=dict)
    fabric: Mapping[str, Text] = Field(default_factory=dict)
    storage: Mapping[str, Text] = Field(default_factory=dict)

    @field_validator("location")
    @classmethod
    def _in_country(cls, location: str, info: ValidationInfo) -> str:
        country = info.data.get("country")
        if country and not location.startswith(f"{country}-"):
            raise refuse(f"{location!r} is not in country {country}", f"{country}-place")
        return location


class Site(SiteSheet):
    """A site: ``site.yaml`` and the rows of ``machines.csv``."""

    machines: tuple[Machine, ...]


def rack_number(rack: str) -> int:
    """The number in a rack's name; ``r01`` is rack 1. Addresses are strides of it."""
    found = re.search(r"\d+$", rack)
    if found is None:
        raise ValueError(f"rack {rack!r} has no number")
    return int(found.group())
