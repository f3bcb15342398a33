"""Networks of the site, and where its hosts get software."""

from __future__ import annotations

import ipaddress

from pydantic import Field, ValidationInfo, field_validator

from bloomery.site.reading.fault_texts import refuse
from bloomery.site.types.part import Part
from bloomery.site.types.text_types import Address, Cidr, Url, User


def _inside(address: str, info: ValidationInfo) -> str:
    cidr = info.data.get("cidr")
    if cidr and ipaddress.IPv4Address(address) not in ipaddress.IPv4Network(cidr):
        raise refuse(f"{address} is outside {cidr}", "use an address of that network")
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
    """Networks kept apart."""

    oob: OobNetwork
    provisioning: ProvisioningNetwork


class Depot(Part):
    """The site's own mirror of all packages and images of a release."""

    url: Url = Field(examples=["http://10.40.0.1:8480"])
    """Base URL as the hosts reach it."""
    media: Url | None = None
    """Base URL of installation media as the BMCs reach it. Left out: ``/media`` on the
    controller, by HTTPS, at the port of ``url``."""
