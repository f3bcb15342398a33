"""Networks of the machines: sizes and choices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from bloomery.catalogue import CableEnd, FabricKind, switch_models
from bloomery.site.reading.document import shorten
from bloomery.site.reading.fault_texts import refuse, suggest
from bloomery.site.types.name_range import RackRange, expand_all
from bloomery.site.types.network_types import AddressPool
from bloomery.site.types.part import Part
from bloomery.site.types.quantity import (
    GigabitsPerSecond,
    Kilograms,
    Kilowatts,
    Metres,
    Number,
)
from bloomery.site.types.text_types import Name, RowName, Text
from bloomery.site.types.whole_number import WHOLE, Count, CountOrZero, RackUnits

FIRST_ASN = 4_200_000_000
"""First private 4-byte autonomous system number (RFC 6996)."""

LAST_ASN = 4_294_967_294
"""Last private one (RFC 6996)."""

FIRST_PKEY = 0x0002
"""Partition keys below it are taken: 0 is invalid, 1 is left to the fabric's managers."""

LAST_PKEY = 0x7FFE
"""0x7fff is the default partition; the 16th bit only says full or limited."""

MOST_UNITS = 4096
"""Scalable units of one network: a hundred thousand machines in units of 32."""

MOST_PORTS = 1024
"""Ports of one switch: no chassis that is sold has more."""

LAST_VNI = 2**24 - 1
"""A VXLAN network identifier has 24 bits (RFC 7348)."""

Layer = Literal["compute", "storage", "frontend"]

LAYERS: tuple[Layer, ...] = ("compute", "storage", "frontend")
"""Networks that are trees; ``oob`` is built otherwise."""


def _switch(text: str) -> str:
    if text not in switch_models():
        raise refuse(f"unknown switch {text!r}", suggest(text, switch_models(), "switches"))
    return text


def _pkey(text: object) -> object:
    if not isinstance(text, str):
        return text
    if not re.fullmatch(r"0x[0-9a-fA-F]{1,4}|[1-9][0-9]{0,4}|0", text):
        raise refuse(f"{shorten(text)} is not a partition key", "hexadecimal: 0x0010")
    return int(text, 0)


def _racks(written: tuple[str, ...]) -> tuple[str, ...]:
    names = expand_all(written)
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise refuse(f"rack {twice[0]!r} is listed twice", "list each rack once")
    return names


RackRanges = Annotated[tuple[RackRange, ...], Field(min_length=1), AfterValidator(_racks)]
"""Racks and spans of racks, in the order they fill; spans come out as single racks."""


def _rows(names: tuple[str, ...]) -> tuple[str, ...]:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise refuse(f"row {twice[0]!r} is listed twice", "list each row once")
    return names


RowOrder = Annotated[tuple[RowName, ...], AfterValidator(_rows)]
"""Rows in the order they stand."""


def _private(number: int) -> int:
    if not FIRST_ASN <= number <= LAST_ASN:
        raise refuse(f"{number} is no private number", f"{FIRST_ASN} to {LAST_ASN} (RFC 6996)")
    return number


PrivateAsn = Annotated[int, WHOLE, AfterValidator(_private)]
Vni = Annotated[int, WHOLE, Field(ge=0, le=LAST_VNI)]
WholeGigabits = Annotated[int, WHOLE, Field(ge=1, le=100_000)]
"""Speed of a port as a key, Gb/s."""
SwitchKey = Annotated[str, AfterValidator(_switch)]
Pkey = Annotated[int, BeforeValidator(_pkey), Field(ge=FIRST_PKEY, le=LAST_PKEY)]


Tiers = Annotated[Literal["1", "2", "3", "auto"], BeforeValidator(str)]
"""Tiers of a tree, or the choice of it."""


class Placement(Part):
    """Where the switches of one tier stand: so many in each rack, upwards from one unit."""

    racks: RackRanges = Field(examples=["[r041..r048]"])
    """Racks in the order they fill. Append to it; a change of order moves switches."""
    per_rack: RackUnits = Field(examples=[8])
    unit: RackUnits = Field(examples=[1])
    """Lowest unit of the first one."""


class Addresses(Part):
    """Pools of one Ethernet network. Each is cut by fixed strides, never by what is there."""

    loopbacks: AddressPool = Field(examples=["10.96.0.0/20"])
    """A quarter each for leaves, spines, cores; the last is free."""
    links: AddressPool = Field(examples=["10.100.0.0/16"])
    """Lower half between leaf and spine, upper half between spine and core."""
    hosts: AddressPool = Field(examples=["10.104.0.0/15"])
    """One block a leaf, one /31 a machine."""
    asn: PrivateAsn = Field(examples=[4_200_000_000])
    """First autonomous system number of this network."""


class Network(Part):
    """One fat tree."""

    kind: FabricKind = Field(examples=["infiniband"])
    switch: SwitchKey = Field(examples=["qm9700"])
    """Model of its switches, in every tier."""
    speed_gbps: GigabitsPerSecond = Field(examples=["400 Gb/s"])
    """Speed of one link."""
    pools: Mapping[Name, Count] = Field(min_length=1, examples=["{train: 1}"])
    """Pool -> scalable unit its machine number 1 stands in. The number at the end of a
    machine's name is its place, counted on through the units."""
    su: Count = Field(le=MOST_UNITS, examples=[1])
    """Scalable units that are built, each with all its leaves."""
    su_max: Count | None = Field(default=None, le=MOST_UNITS)
    """Growth target: spines, cores and strides are sized for it. Left out: no growth."""
    nodes_per_su: Count = Field(le=MOST_PORTS, examples=[32])
    pool_rails: Mapping[Name, Annotated[Count, Field(le=64)]] = Field(
        default_factory=dict, examples=["{serve: 4}"]
    )
    """Pool -> ports of one of its machines, where that is fewer than ``rails``: rails 1 to so
    many. Leaves of rails that no machine of a unit has are not built."""
    pool_places: Mapping[Name, Count] = Field(default_factory=dict, examples=["{serve: 17}"])
    """Pool -> place in its first unit of its machine number 1, so that pools share a unit. Left
    out: 1."""
    rails: Count = Field(default=1, le=64)
    """Most ports of a machine, each a rail of its own."""
    tiers: Tiers | None = None
    """1: one leaf, or two joined to each other. ``auto``: whatever takes the fewest switches at
    the growth target. Left out: 2, and 3 where the growth target needs it."""
    rails_per_leaf: Count | None = Field(default=None, le=64)
    """Rails that share a leaf. Left out: 1; with ``tiers: 1`` and ``auto`` what takes the fewest
    switches."""
    planes: Count = Field(default=1, le=4)
    """Parallel trees; each port of a machine is split over them."""
    oversubscription: Number = Field(default=1.0, ge=1, le=64)
    """Ports down over ports up of a leaf; 1 is non-blocking."""
    reserved_ports: CountOrZero = Field(default=0, le=256)
    """Ports of the leaves of unit 1 that managers of the fabric take, from the last one down."""
    leaves: Placement | None = None
    spines: Placement | None = None
    cores: Placement | None = None
    managers: Placement | None = None
    addresses: Addresses | None = None
    """Required on Ethernet, not allowed on InfiniBand."""

    @property
    def target(self) -> int:
        """Scalable units it may grow to."""
        return self.su if self.su_max is None else self.su_max

    def rails_of(self, pool: str) -> int:
        """Ports of a machine of ``pool``."""
        return self.pool_rails.get(pool, self.rails)


class Uplinks(Part):
    """Switches that gather the uplinks of one group out of band, two by two."""

    switch: SwitchKey = Field(examples=["sn4600c"])
    speed_gbps: GigabitsPerSecond = Field(examples=["100 Gb/s"])
    stand: Placement
    reserved_ports: CountOrZero = Field(default=4, le=MOST_PORTS)
    """Last ports of each, towards the site's own router."""


class OobGroup(Part):
    """Racks that share switches out of band in the same way."""

    name: Name = Field(examples=["gpu"])
    racks: RackRanges = Field(examples=["[r001..r040]"])
    """In the order switches take them. Append to it; a change of order moves cables."""
    racks_per_switch: Count = Field(le=MOST_PORTS, examples=[4])
    units_per_port: RackUnits = 1
    """Rack units that share one port. A device's lowest unit tells its port."""
    unit: RackUnits = Field(examples=[48])
    """Unit of the switch, in the first rack of those it serves."""
    uplinks: Uplinks | None = None
    """Left out: uplinks are not planned here."""


class OobFabric(Part):
    """The network of BMCs and management ports: one port by unit, no routing."""

    switch: SwitchKey = Field(examples=["sn2201"])
    groups: tuple[OobGroup, ...] = Field(min_length=1)


class Distances(Part):
    """Terms of the cable length."""

    rack_pitch_m: Metres = Field(examples=["0.6 m"])
    """From one place of a row to the next."""
    row_pitch_m: Metres = Field(examples=["2.4 m"])
    """From one row to the next."""
    rows: RowOrder = ()
    """Rows in the order they stand, for rows called otherwise than by their number: [A, B, C]. Left
    out: the number at the end of a row's name."""
    hall_m: Metres | None = None
    """On top of that from one hall to another."""
    slack_m: Metres = Field(default=2.0)
    """Rise to the tray and spare length between two racks, both ends together."""
    slack_in_rack_m: Metres = Field(default=0.5)
    """Spare length of a cable that stays in its rack."""


class SwitchFigures(Part):
    """The site's own figures of a switch model, over those of the catalogue."""

    height_u: RackUnits | None = None
    cages: Count | None = Field(default=None, le=MOST_PORTS)
    per_cage: Mapping[WholeGigabits, Annotated[Count, Field(le=64)]] = Field(default_factory=dict)
    """Speed of a logical port in Gb/s -> ports of that speed in one cage."""
    access_ports: Count | None = Field(default=None, le=MOST_PORTS)
    access_gbps: GigabitsPerSecond | None = None
    power_kw: Kilowatts | None = None
    """Most it draws over time, with its cables."""
    weight_kg: Kilograms | None = None
    os: Text | None = Field(default=None, examples=["sonic"])
    """System that runs on it, which names its ports. Left out: the catalogue's."""


class Medium(Part):
    """A cable type of the site."""

    name: Name = Field(examples=["om4-trunk"])
    kinds: tuple[FabricKind, ...] = Field(min_length=1, examples=["[ethernet]"])
    ends: tuple[CableEnd, ...] = Field(default=("node", "switch"), min_length=1)
    """What its lower end may plug into."""
    speeds_gbps: tuple[GigabitsPerSecond, ...] = Field(min_length=1, examples=["[100]"])
    reach_m: Metres = Field(examples=["100 m"])
    lengths_m: tuple[Metres, ...] = ()
    """Lengths it is sold in; left out: whole metres."""
    copper: bool = False
    """Plugs and wire in one piece. Left out: a transceiver in each cage, and fibres between."""
    upper_ports: Count = Field(default=1, le=MOST_PORTS)
    """Of copper: ports its plug at the upper end carries; a cage there must have as many."""
    lower_ports: Count = Field(default=1, le=MOST_PORTS)
    """Of copper: ports each of its plugs at the lower end carries."""


class TenantNumbers(Part):
    """Where the numbers of projects begin: each is this plus the project's own id."""

    vni: Vni = 5000
    pkeys_from: Pkey = FIRST_PKEY
    """Partition key of a project with id 1."""
    pkeys_to: Pkey = LAST_PKEY
    """Last one projects may have."""


class FabricSheet(Part):
    """Fabrics of the site."""

    compute: Network | None = None
    storage: Network | None = None
    frontend: Network | None = None
    oob: OobFabric | None = None
    distances: Distances | None = None
    """Left out: cables have no length, and no medium is chosen."""
    switches: Mapping[SwitchKey, SwitchFigures] = Field(default_factory=dict)
    media: tuple[Medium, ...] = ()
    """Beside those of the catalogue; a kind of the same name replaces the catalogue's."""
    tenants: TenantNumbers = TenantNumbers()

    def trees(self) -> Iterator[tuple[Layer, Network]]:
        """Networks that are trees, in a fixed order."""
        for layer in LAYERS:
            network: Network | None = getattr(self, layer)
            if network is not None:
                yield layer, network
