"""Networks of the site, and where its hosts get software."""

from __future__ import annotations

from pydantic import Field, field_validator

from bloomery.site.types.network_types import Address, Cidr, Url, inside
from bloomery.site.types.part import Part
from bloomery.site.types.text_types import User
from bloomery.site.types.whole_number import Port


class OobNetwork(Part):
    """The network of the BMCs."""

    cidr: Cidr = Field(examples=["10.20.0.0/16"])
    controller: Address = Field(examples=["10.20.0.1"])
    """The controller's own address in it; seeds are served there."""

    _controller_inside = field_validator("controller")(inside)


class ProvisioningNetwork(Part):
    """The network of the hosts."""

    cidr: Cidr = Field(examples=["10.40.0.0/16"])
    gateway: Address = Field(examples=["10.40.0.1"])
    ssh_port: Port = 22
    user: User = Field(default="deploy")
    """Login with sudo that is created on every host."""

    _gateway_inside = field_validator("gateway")(inside)


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
