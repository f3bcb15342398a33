"""What a pool says of its machines' ports: adapters and interfaces, in the order of the rails."""

from __future__ import annotations

from pydantic import Field

from bloomery.site.types.part import Part
from bloomery.site.types.port_types import Hcas, Interfaces


class HcaMapping(Part):
    """Adapters by network, in the order of the rails: RDMA devices, or their PCI addresses."""

    compute: Hcas | None = Field(default=None, examples=["[mlx5_0, mlx5_3, mlx5_4, mlx5_5]"])
    storage: Hcas | None = Field(default=None, examples=['["0000:aa:00.0", "0000:29:00.0"]'])
    frontend: Hcas | None = Field(default=None, examples=["[mlx5_8, mlx5_2]"])


class PortNames(Part):
    """Network interfaces by network, in the order of the rails."""

    compute: Interfaces | None = Field(default=None, examples=["[ibp24s0, ibp64s0]"])
    storage: Interfaces | None = Field(default=None, examples=["[ens1f0np0, ens2f0np0]"])
    frontend: Interfaces | None = Field(default=None, examples=["[ens1f1np1, ens2f1np1]"])
