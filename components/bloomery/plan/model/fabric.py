"""Networks, switches, cables and numbers that never move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bloomery.plan.model.left_out import LEFT_OUT_EMPTY


class Cable(NamedTuple):
    """One cable, both ends. A tuple, since a large site has tens of thousands."""

    id: str
    """Stable name: network, and both ends as device and port."""
    network: str
    layer: str
    """``node-leaf``, ``leaf-leaf``, ``leaf-spine``, ``spine-core`` or ``oob``."""
    a_device: str
    a_port: str
    """Port at the lower end, as printed on the device: ``hca3``, ``p07/2`` (cage / sub-port)."""
    a_index: int
    """Logical port, counted from 1."""
    b_device: str
    b_port: str
    b_index: int
    speed_gbps: float
    medium: str
    """Key of the cable kind in the catalogue."""
    length_m: float
    """Length to order, m; 0 where the site gives no rack positions."""
    a_label: str
    """What is printed on the label at the lower end."""
    b_label: str
    a_address: str = ""
    """Address with prefix of the lower end; empty on InfiniBand and out of band."""
    b_address: str = ""
    dark: bool = False
    """Laid, with nothing at the lower end yet."""


@dataclass(frozen=True)
class SwitchPlan:
    """One switch."""

    name: str
    """Made of network, tier and stable place: ``compute-leaf-s01-r3``."""
    network: str
    tier: str
    """``leaf``, ``spine``, ``core`` or ``oob``."""
    index: int
    """Place in its tier by stride, counted from 0; never a list position."""
    model: str
    """Key of its ``ModelPlan``."""
    su: int = 0
    """Scalable unit, counted from 1; 0 above the leaves."""
    rail: int = 0
    """Rail, counted from 1, and the first one where rails share a leaf; 0 above the leaves."""
    plane: int = 1
    pod: int = 0
    """Pod of a three-tier tree, counted from 1; 0 in two tiers."""
    ports: int = 0
    """Logical ports at link speed."""
    per_cage: int = 1
    """Logical ports in one cage."""
    down: int = 0
    """Ports towards the machines."""
    up: int = 0
    """Ports towards the next tier."""
    reserved: tuple[int, ...] = ()
    """Logical ports kept for managers of the fabric."""
    rack: str = ""
    unit: int = 0
    loopback: str = ""
    """Address with prefix; empty on InfiniBand."""
    asn: int = 0
    """Private 4-byte autonomous system number; 0 on InfiniBand."""
    oob_address: str = ""


@dataclass(frozen=True)
class NetworkPlan:
    """One network of the site, and the sums of its tree."""

    name: str
    """``compute``, ``storage``, ``frontend`` or ``oob``."""
    kind: str
    """``infiniband`` or ``ethernet``."""
    switch_model: str
    tiers: int
    planes: int
    rails: int
    """Most rails of a machine."""
    su: int
    nodes_per_su: int
    oversubscription: float
    """Ports down over ports up of a leaf; 1 is non-blocking."""
    speed_gbps: float
    leaves: int
    spines: int
    cores: int
    node_cables: int
    spine_cables: int
    core_cables: int
    reserved_ports: int
    pool: str = ""
    """Pool whose machines it joins; empty where there are several."""
    pools: tuple[str, ...] = ()
    """Pools whose machines it joins; empty out of band, where all are."""
    su_max: int = 0
    """Scalable units it can grow to without moving anything; 0 out of band."""
    loopback_cidr: str = ""
    """Pool of loopbacks; empty where the network has no addresses of its own."""
    link_cidr: str = ""
    """Pool of links between switches."""
    host_cidr: str = ""
    """Pool of links between machines and leaves."""
    asn_first: int = 0
    """First autonomous system number it may take; 0 where it takes none."""
    asn_last: int = 0
    node_per_cage: Mapping[str, int] = field(default_factory=dict)
    """Pool -> ports of a plane in one cage of its machines; pools with one port are left out."""
    tiers_asked: str = ""
    """As it is written: a number, ``auto``, or nothing."""
    rails_per_leaf: int = 1
    leaf_cables: int = 0
    """Cables between two leaves that have no spine."""
    pool_rails: Mapping[str, int] = field(default_factory=dict, metadata=LEFT_OUT_EMPTY)
    """Pool -> rails of its machines, rails 1 to so many. Left out where all machines have
    ``rails``."""
    pool_units: Mapping[str, int] = field(default_factory=dict, metadata=LEFT_OUT_EMPTY)
    """Pool -> first unit that is meant for it. Left out where all machines have ``rails``."""


@dataclass(frozen=True)
class MediumPlan:
    """One kind of cable in use, with the figures that rules judge cables by."""

    key: str
    title: str
    kinds: tuple[str, ...]
    """Kinds of network it carries."""
    ends: tuple[str, ...]
    """What its lower end plugs into: ``node``, ``switch``."""
    speeds_gbps: tuple[float, ...]
    reach_m: float
    """Longest length it works at, m."""
    source: str
    """Where its reach comes from."""
    copper: bool = False
    """Plugs and wire in one piece; otherwise a transceiver in each cage, and fibres between."""
    upper_ports: int = 1
    """Copper: ports its one plug at the upper end carries."""
    lower_ports: int = 1
    """Copper: ports each of its plugs at the lower end carries."""


@dataclass(frozen=True)
class TenantPlan:
    """Numbers of one project in every network."""

    project: str
    index: int
    """Stable id the numbers are strides of."""
    vni: int
    """VXLAN network identifier of its routed network."""
    route_target: str
    pkey: str
    """InfiniBand partition key, ``0x0002`` to ``0x7ffe``."""
    asn: int = 0


@dataclass(frozen=True)
class HostPortsPlan:
    """How the operating system of a pool's machines calls its ports in one network.

    Lists are in the order of the ports (``a_index`` of a cable from 1); empty where nobody says it.
    """

    pool: str
    network: str
    hcas: tuple[str, ...]
    """RDMA devices: ``mlx5_3``; an empty one is known by its PCI address alone."""
    pci: tuple[str, ...]
    """PCI addresses: ``0000:40:00.0``."""
    interfaces: tuple[str, ...]
    """Network interfaces: ``ibp64s0``."""
    source: str
    """Who says so: the site, or a document of the catalogue."""


@dataclass(frozen=True)
class FabricPlan:
    """All networks of the site."""

    networks: tuple[NetworkPlan, ...] = ()
    switches: tuple[SwitchPlan, ...] = ()
    cables: tuple[Cable, ...] = ()
    tenants: tuple[TenantPlan, ...] = ()
    media: tuple[MediumPlan, ...] = ()
    """Kinds of cable in use, by key."""
    host_ports: tuple[HostPortsPlan, ...] = field(default=(), metadata=LEFT_OUT_EMPTY)
    """Names of the machines' ports, by pool and network; left out where none are known."""
    systems: Mapping[str, str] = field(default_factory=dict, metadata=LEFT_OUT_EMPTY)
    """Switch model -> system that the site runs on it; left out where the catalogue's hold."""
