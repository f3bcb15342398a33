"""How the operating system of a machine calls the ports of its adapters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from bloomery.catalogue.figure import Entry

HostNetwork = Literal["compute", "storage", "frontend"]
"""Network that a port of a machine is for."""

HOST_NETWORKS: tuple[HostNetwork, ...] = ("compute", "storage", "frontend")


class HostPort(Entry):
    """One port of an adapter. Empty: no source gives it."""

    hca: str = ""
    """RDMA device: ``mlx5_3``."""
    pci: str = ""
    """PCI address: ``0000:40:00.0``."""
    infiniband: str = ""
    """Network interface where the port speaks InfiniBand: ``ibp64s0``."""
    ethernet: str = ""
    """Network interface where it speaks Ethernet: ``enp64s0np0``."""


class HcaMapping(Entry):
    """Ports of each network, in the order of the rails."""

    source: str = Field(min_length=8)
    """Document that says so."""
    compute: tuple[HostPort, ...] = ()
    storage: tuple[HostPort, ...] = ()
    frontend: tuple[HostPort, ...] = ()

    def every(self) -> Iterator[HostPort]:
        """The ports of all networks."""
        for network in HOST_NETWORKS:
            yield from getattr(self, network)

    @model_validator(mode="after")
    def _each_once(self) -> HcaMapping:
        for key in HostPort.model_fields:
            names = [name for port in self.every() if (name := getattr(port, key))]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{key} of two ports: {', '.join(twice)}")
        return self
