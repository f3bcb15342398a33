"""The frozen plan: what shall be, with no choice left to the hand that executes.

Plain dataclasses of strings, numbers, tuples and mappings, so that a slice crosses
Pulumi, JSON and a policy unchanged. No secret is ever in a plan; keys are named by
epoch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property


@dataclass(frozen=True)
class Identity:
    """Who a machine is. All three must match before anything is changed."""

    bmc_mac: str
    """MAC of the BMC's own port, lower case with colons."""
    chassis_serial: str
    """Serial number of the chassis as Redfish reports it."""
    system_uuid: str
    """System UUID, lower case."""


@dataclass(frozen=True)
class BmcPlan:
    """How the machine's BMC is reached and trusted."""

    address: str
    """``host`` or ``host:port``; port 443 where none is given."""
    cert_sha256: str
    """Pinned SHA-256 of the certificate in hex; empty means: by the site CA."""


@dataclass(frozen=True)
class HostPlan:
    """The host's place in the provisioning network."""

    address: str
    """IPv4 address."""
    prefix: int
    """Prefix length."""
    gateway: str
    """IPv4 gateway."""
    mac: str
    """MAC of the provisioning port."""
    ssh_port: int
    """TCP port of sshd."""
    user: str
    """Login with sudo that the seed creates keys for."""


@dataclass(frozen=True)
class NodePlan:
    """One machine."""

    name: str
    pool: str
    purpose: str
    """``management``, ``training`` or ``serving``."""
    model: str
    """Key of the node model in the catalogue."""
    rack: str
    unit: int
    """Lowest rack unit it occupies, counted from 1 at the bottom."""
    height: int
    """Rack units it occupies."""
    power_kw: float
    """Nameplate power, kW."""
    identity: Identity
    bmc: BmcPlan
    host: HostPlan
    image: str
    """URL of the installation medium."""
    bios: Mapping[str, str]
    """BIOS attributes that must hold."""
    install_generation: int
    """Which installation of this machine is wanted, counted from 1."""
    key_epoch: int
    """Which derivation of its keys is wanted, counted from 1."""


@dataclass(frozen=True)
class RackPlan:
    """One rack and what it carries."""

    name: str
    units: int
    power_limit_kw: float
    power_kw: float
    """Sum of the nameplate power of its nodes, kW."""
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class MetalPlan:
    """Racks and machines."""

    racks: tuple[RackPlan, ...] = ()
    nodes: tuple[NodePlan, ...] = ()


@dataclass(frozen=True)
class SlicePlan:
    """A noun whose full plan is not derived yet: its site inputs, by name."""

    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunPlan:
    """One playbook on one set of hosts."""

    name: str
    """``base``, ``slurm``, ``train`` or ``serve``."""
    playbook: str
    """Name in ``ansible/playbooks``, without suffix."""
    groups: Mapping[str, tuple[str, ...]]
    """Inventory group -> node names."""
    vars: Mapping[str, str]
    """Variables for every host of the run; no secrets."""
    needs: tuple[str, ...]
    """Runs that must have converged before."""
    derived_secrets: tuple[str, ...] = ()
    """Names of variables whose values are derived from the site secret."""
    proof: bool = False
    """True for the run that is handed a fresh nonce each time it converges."""


@dataclass(frozen=True)
class ClusterPlan:
    """What runs on the machines."""

    runs: tuple[RunPlan, ...] = ()
    endpoint: str = ""
    """Base URL of the serving API; empty where the site serves nothing."""
    model_name: str = ""
    """Name under which the trained model is served."""


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


@dataclass(frozen=True)
class Plan:
    """Everything, per noun. Same site, same bytes."""

    site: SiteFacts
    metal: MetalPlan
    cooling: SlicePlan
    fabric: SlicePlan
    storage: SlicePlan
    cluster: ClusterPlan

    def to_json(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces, one trailing newline."""
        text = json.dumps(
            self, default=_fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        return text.encode() + b"\n"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, hex. Worked out once: several resources carry it."""
        return hashlib.sha256(self.to_json()).hexdigest()

    def node(self, name: str) -> NodePlan:
        """The node called ``name``; KeyError where the plan has none."""
        for node in self.metal.nodes:
            if node.name == name:
                return node
        raise KeyError(name)


def _fields(value: object) -> object:
    """What JSON does not know by itself, without the copies ``asdict`` makes of everything."""
    if is_dataclass(value):
        return {item.name: getattr(value, item.name) for item in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no part of a plan")
