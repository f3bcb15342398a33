"""What holds for the whole site, and what policies read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class EgressRoute:
    """One host outside that may be reached, and the proxy that leads there."""

    host: str
    proxy: str
    """Name of the proxy."""
    url: str
    """Base URL of the proxy."""


@dataclass(frozen=True)
class SovereigntyFacts:
    """What law and the nation's rules are measured against; empty means: the site does not say."""

    key_custody: str = ""
    """Who holds the keys of data at rest: ``site``, ``national`` or ``vendor``."""
    egress_default: str = ""
    """``deny`` or ``allow``."""
    egress_allow: tuple[str, ...] = ()
    """Hosts that may be reached outside, each by way of a named proxy."""
    registries: tuple[str, ...] = ()
    """Registries and mirrors software may come from."""
    images_by_digest: bool = False
    """Whether software is named by digest only."""
    egress_routes: tuple[EgressRoute, ...] = ()
    """The proxy of each host of ``egress_allow``."""
    ot_cidr: str = ""
    """Network of the facility (OT); apart from all others."""
    ot_broker: str = ""
    """The one host by which facility values reach the site."""
    backup_site: str = ""
    """Where backups go, as ``COUNTRY-place``."""
    backup_encrypted: bool = False
    backup_offline: bool = False
    time_sources: tuple[str, ...] = ()
    """Hosts on site that clocks follow."""
    secret_max_age_days: int = 0
    driver_floor: str = ""
    """Oldest GPU driver that is allowed."""
    firmware_floor: str = ""
    budget_nodes_percent: float = 0.0
    """Machines one change may reboot or wipe, percent of the pool."""
    budget_hours: float = 0.0
    """Hours one change may take."""


@dataclass(frozen=True)
class SiteFacts:
    """What holds for the whole site, and what policies read."""

    name: str
    country: str
    """ISO 3166-1 alpha-2 code of the jurisdiction."""
    location: str
    """Where it stands, as ``COUNTRY-place``, for example ``UA-kyiv``."""
    allowed_locations: tuple[str, ...]
    """Locations that law or contract allow."""
    oob_cidr: str
    """Network of the BMCs."""
    provisioning_cidr: str
    """Network of the hosts."""
    controller_oob: str
    """The controller's own address in the BMC network; seeds are served there."""
    depot: str
    """Base URL of the site's mirror of all a release needs."""
    release: str
    on_delete: str
    """``release``, ``power-off`` or ``wipe``."""
    protect: bool
    """Whether live nodes are protected in the stack."""
    bmc_credentials: str
    """``derived`` (from the site secret) or ``factory`` (left as delivered; policies refuse it)."""
    lab: bool
    """Whether machines are virtual."""
    pins: Mapping[str, str] = field(default_factory=dict)
    """What the release pins -> version: ``driver``, ``firmware``, ``cuda``..."""
    sovereignty: SovereigntyFacts = SovereigntyFacts()
    runs: tuple[str, ...] = ()
    """Runs the site chose, in the order of their needs."""
