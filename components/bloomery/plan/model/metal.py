"""Halls, racks, feeds and machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bloomery.names import plain_number
from bloomery.plan.model.left_out import LEFT_OUT_EMPTY
from bloomery.plan.model.software import SoftwarePlan


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
    personality: str = field(default="", metadata=LEFT_OUT_EMPTY)
    """What the lab's emulator shows it as. Left out where it is the standard one, and on metal."""
    unproven: str = field(default="", metadata=LEFT_OUT_EMPTY)
    """Why nothing proves that a BMC of this model can be driven. Left out where something does."""
    allow_unproven: bool = field(default=False, metadata=LEFT_OUT_EMPTY)
    """Whether the site allows steps that destroy data all the same. Left out where it does not."""
    media_transport: str = field(default="", metadata=LEFT_OUT_EMPTY)
    """``http`` where it may read media without TLS. Left out where it reads them over HTTPS."""


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
class OsDiskPlan:
    """How the disk of the operating system is laid out."""

    mirror: bool = False
    """RAID 1 over two disks."""
    encrypt: str = ""
    """``luks2``, opened by the TPM; empty where it is not encrypted."""


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
    further: Mapping[str, str] = field(default_factory=dict, metadata=LEFT_OUT_EMPTY)
    """Further columns of the delivery list, such as the asset tag. Left out where there are
    none."""
    os_disk: OsDiskPlan | None = field(default=None, metadata=LEFT_OUT_EMPTY)
    """Left out for one plain disk."""
    secure_boot: bool = field(default=False, metadata=LEFT_OUT_EMPTY)
    """Whether the firmware must enforce Secure Boot. Left out where it need not."""


@dataclass(frozen=True)
class ModelPlan:
    """The figures of a model: of the catalogue, or of the site, that rules compute with."""

    key: str
    title: str
    kind: str
    """``node``, ``switch``, ``cdu``, ``pdu``, ``nvlink`` (NVLink switch tray) or ``shelf`` (power
    shelf)."""
    height: int
    """Rack units one piece occupies."""
    power_kw: float
    """Most one piece draws over time, kW."""
    peak_kw: float
    """Most one piece draws for moments, kW; equal to ``power_kw`` where no source gives more."""
    liquid_share: float
    """Share of its heat that goes to liquid, 0 to 1."""
    weight_kg: float = 0.0
    """Weight of one piece, kg; 0 where no source gives it."""
    gpus: int = 0
    gpu_memory_gb: float = 0.0
    """Memory of all its GPUs together, GB."""
    mig_slices: int = 0
    """Hardware slices its GPUs can be cut into, all together; 0 where they cannot."""
    psus: int = 0
    psus_needed: int = 0
    """Power supplies that must work for full load."""
    psu_kw: float = 0.0
    """Rating of one power supply, kW."""
    trays: int = 0
    """Pieces that make one rack of a rack-scale model, each with its share of the rack's
    figures; 0 for all others."""
    shelves: int = 0
    """Power shelves of a rack of a rack-scale model."""
    shelf_kw: float = 0.0
    """Rating of one power shelf, kW."""
    nvlink_trays: int = 0
    """NVLink switch trays of a rack of a rack-scale model."""
    sources: tuple[str, ...] = ()
    """Where its figures come from."""


@dataclass(frozen=True)
class RackPartPlan:
    """What occupies units of a rack-scale rack beside its compute trays.

    Power, heat and weight of it are in the shares of the trays, so its model has none.
    """

    name: str
    """By rack and place, counted from the lowest: ``r01-nvlink-1``."""
    kind: str
    """``nvlink`` (NVLink switch tray) or ``shelf`` (power shelf)."""
    model: str
    rack: str
    unit: int
    """Lowest rack unit it occupies, counted from 1 at the bottom."""
    oob_address: str
    """Address out of band, by a stride of rack and unit as those of switches."""


@dataclass(frozen=True)
class RackItem:
    """One thing that occupies units of a rack."""

    name: str
    kind: str
    """``node``, ``switch``, ``cdu``, ``nvlink`` or ``shelf``."""
    model: str
    """Key of its ``ModelPlan``: ``model``, or ``model@pool`` where a pool's figures differ."""
    unit: int
    """Lowest rack unit it occupies, counted from 1 at the bottom."""
    height: int


@dataclass(frozen=True)
class RackPlan:
    """One rack and what it carries."""

    name: str
    units: int
    power_limit_kw: float
    """Power its feeds can give after derating, kW."""
    power_kw: float
    """Sum of the nameplate power of its items, kW. CDUs are not in it, nor in the figures
    below: they hang on feeds of their own."""
    nodes: tuple[str, ...]
    hall: str = ""
    row: str = ""
    place: int = 0
    """Position in its row, counted from 1; 0 where the site does not say."""
    peak_kw: float = 0.0
    """Sum of the peaks of its items, kW."""
    liquid_kw: float = 0.0
    """Part of ``peak_kw`` that goes to liquid, kW."""
    air_kw: float = 0.0
    """Part of ``peak_kw`` that the room's air must take, kW."""
    weight_kg: float = 0.0
    """Sum of the weights that have a source, kg."""
    weight_limit_kg: float = 0.0
    """What the floor and the rack bear, kg; 0 where the site does not say."""
    items: tuple[RackItem, ...] = ()
    number: int = field(default=0, metadata=LEFT_OUT_EMPTY)
    """What addresses follow from. Left out where it is the number of a plain name: 16 of
    ``r16``."""

    @property
    def stride(self) -> int:
        """Its number, also where that is the one of its plain name."""
        return self.number or plain_number(self.name) or 0


@dataclass(frozen=True)
class HallPlan:
    """One hall and its air."""

    name: str
    air_limit_kw: float
    """Heat its air handlers take, kW."""
    air_kw: float
    """Heat its racks give to air at peak, kW."""
    temperature_max_c: float
    """Warmest room air the site allows, degrees Celsius."""
    humidity_max_percent: float
    """Highest relative humidity at that temperature, percent."""
    racks: tuple[str, ...]


@dataclass(frozen=True)
class CircuitPlan:
    """The circuits that bring one source to one rack."""

    rack: str
    source: str
    """Name of the ``SourcePlan`` it hangs on."""
    side: str
    """``A`` to ``D``: what fails together."""
    volts: float
    """Line-to-line voltage of a three-phase circuit, or voltage of a single-phase one, V."""
    amps: float
    """Rating of one breaker, A."""
    phases: int
    """1 or 3."""
    continuous: float
    """Share of the rating allowed over time, 0 to 1."""
    count: int
    """Equal circuits side by side."""
    power_factor: float
    capacity_kw: float
    """What they give together within ``continuous``, kW."""
    load_kw: float
    """Load while all sides work, kW."""
    alone_kw: float
    """Load when another side of the rack is lost, the worst of them, kW, at peak."""
    phase_kw: tuple[float, ...] = ()
    """Load on each phase while all sides work, kW; empty for single-phase circuits. On a
    ``delta`` circuit: between lines 1 and 2, 2 and 3, 3 and 1."""
    wiring: str = "wye"
    """``wye``: loads from line to neutral. ``delta``: from line to line."""
    circuit: str = ""
    """Type of circuit, as the site calls it."""
    pdu: str = ""
    """Key of the ``ModelPlan`` of its PDUs, one a circuit; empty where the site names none."""


@dataclass(frozen=True)
class SourcePlan:
    """One piece of the power tree, from utility to PDU."""

    name: str
    kind: str
    """``utility``, ``generator``, ``ats``, ``ups``, ``switchboard``, ``panel``, ``busway`` or
    ``pdu``."""
    parent: str
    """Source that feeds it; empty at the root."""
    side: str
    """``A`` to ``D``; empty above the split."""
    capacity_kw: float
    loss: float
    """Share of its input it loses, 0 to 1."""
    load_kw: float
    """Load at its output while everything works, kW."""
    worst_kw: float
    """Load at its output when the other side is lost, kW, at peak."""
    backed: bool
    """Whether it is behind a UPS or is one."""
    capped_by: str = ""
    """Controller that holds the load down, where the site declares oversubscription."""
    standby: str = ""
    """Source that takes its load over when its parent is lost; empty where there is none."""
    transfer_s: float = 0.0
    """Longest gap while it changes over, s; 0 where it has none."""


@dataclass(frozen=True)
class MetalPlan:
    """Halls, racks, power and machines."""

    racks: tuple[RackPlan, ...] = ()
    nodes: tuple[NodePlan, ...] = ()
    models: tuple[ModelPlan, ...] = ()
    """Every model of a node, switch, CDU, PDU and part of a rack in use, by key. Where pools of
    one model give different figures, the first pool by name keeps the plain key and the others
    are ``model@pool``; so with switches and CDUs."""
    halls: tuple[HallPlan, ...] = ()
    sources: tuple[SourcePlan, ...] = ()
    circuits: tuple[CircuitPlan, ...] = ()
    feed_loss: str = "full"
    """``full`` or ``degraded``: what machines may come to when a side is lost."""
    parts: tuple[RackPartPlan, ...] = ()
    """NVLink switch trays and power shelves of rack-scale racks, rack by rack."""
    software: tuple[SoftwarePlan, ...] = field(default=(), metadata=LEFT_OUT_EMPTY)
    """What the release gives to each kind of machine. Left out where it gives nothing."""

    @cached_property
    def models_by_key(self) -> Mapping[str, ModelPlan]:
        """Models by key. A node's own is named by its ``RackItem``: a pool may change figures."""
        return {model.key: model for model in self.models}

    @cached_property
    def software_of_pool(self) -> Mapping[str, SoftwarePlan]:
        """Pool -> what its machines are given."""
        return {pool: one for one in self.software for pool in one.pools}
