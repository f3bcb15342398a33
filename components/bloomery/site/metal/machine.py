"""One row of the delivery list."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from bloomery.site.types.network_types import Endpoint
from bloomery.site.types.text_types import (
    Fingerprint,
    Mac,
    MachineName,
    Name,
    RackName,
    Serial,
    Uuid,
)
from bloomery.site.types.whole_number import Count, RackUnits


class Machine(BaseModel):
    """One machine as delivered. Its fields but ``further`` are columns of ``machines.csv``."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: MachineName
    """Its host name, with or without a domain."""
    pool: Name
    """Name of its pool in ``site.yaml``."""
    rack: RackName
    """Rack it stands in, one of ``racks`` of ``site.yaml``."""
    unit: RackUnits
    """Lowest rack unit it occupies, counted from 1 at the bottom."""
    bmc_mac: Mac
    """Hardware address of its BMC's port."""
    bmc_address: Endpoint
    """IPv4 address of its BMC, with ``:port`` unless it is 443."""
    bmc_cert_sha256: Fingerprint
    """Pinned certificate in hex; empty means: trusted by the site CA."""
    chassis_serial: Serial
    """Serial number on its chassis."""
    system_uuid: Uuid
    """UUID that its firmware tells (SMBIOS)."""
    number: Count | None = None
    """Its number in its pool. Left out: the number at the end of its name."""
    further: Mapping[str, str] = Field(default_factory=dict)
    """Columns the planner does not know -> what they hold; empty cells are left out."""


COLUMNS = tuple(name for name, field in Machine.model_fields.items() if field.is_required())
"""Columns every delivery list has, in the order they are written."""

OPTIONAL_COLUMNS = ("number",)
"""Columns it may have besides, whose meaning is known."""
