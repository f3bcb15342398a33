"""One row of the delivery list."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from bloomery.site.types.network_types import Endpoint
from bloomery.site.types.text_types import Fingerprint, Mac, Name, RackName, Serial, Uuid
from bloomery.site.types.whole_number import RackUnits


class Machine(BaseModel):
    """One machine as delivered. The field names are the columns of ``machines.csv``."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: Name
    pool: Name
    rack: RackName
    unit: RackUnits
    """Lowest rack unit it occupies, counted from 1 at the bottom."""
    bmc_mac: Mac
    bmc_address: Endpoint
    """IPv4 address, with ``:port`` unless it is 443."""
    bmc_cert_sha256: Fingerprint
    """Pinned certificate in hex; empty means: trusted by the site CA."""
    chassis_serial: Serial
    system_uuid: Uuid


COLUMNS = tuple(Machine.model_fields)
"""Columns of the delivery list, in the order they are written."""
