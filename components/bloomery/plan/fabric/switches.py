"""Every switch of a tree: its name, its place and its numbers."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bloomery.plan.fabric.numbers import Numbers, dotted, numbers
from bloomery.plan.fabric.run import management_address
from bloomery.plan.fabric.shape import Leaf, Shape, Spine
from bloomery.plan.model import SwitchPlan
from bloomery.site import Site
from bloomery.site.fabric.sheet import Placement


@dataclass(frozen=True)
class Racked:
    """The switches of one network, each by its place in the tree."""

    leaves: dict[Leaf, SwitchPlan]
    spines: dict[Spine, SwitchPlan]
    cores: dict[tuple[int, int], SwitchPlan]
    """(Core, plane) -> switch; cores count from 0."""
    numbers: Numbers | None

    def all(self) -> Iterator[SwitchPlan]:
        """Leaves, spines, cores, each in the order of their index."""
        yield from self.leaves.values()
        yield from self.spines.values()
        yield from self.cores.values()


def stand(placement: Placement | None, index: int, height: int) -> tuple[str, int]:
    """Rack and lowest unit of the switch ``index`` of its tier; nothing where there is no room."""
    if placement is None:
        return "", 0
    rack, row = divmod(index, placement.per_rack)
    if rack >= len(placement.racks):
        return "", 0
    return placement.racks[rack], placement.unit + row * height


def rack_switches(site: Site, shape: Shape) -> Racked:
    """Every switch that is built for ``shape``, a network of ``site``."""
    addresses = shape.network.addresses
    return _Maker(
        shape,
        numbers(addresses, shape.tree, shape.planes) if addresses else None,
        int(ipaddress.IPv4Network(site.networks.oob.cidr).network_address),
        site.rack_number,
    ).made()


@dataclass(frozen=True)
class _Maker:
    shape: Shape
    numbers: Numbers | None
    oob: int
    """First address out of band."""
    rack_number: Callable[[str], int]

    def made(self) -> Racked:
        planes = range(1, self.shape.planes + 1)
        cores = ((core, plane) for core in range(self.shape.tree.cores) for plane in planes)
        return Racked(
            leaves={leaf: self._leaf(leaf) for leaf in self.shape.leaves()},
            spines={spine: self._spine(spine) for spine in self.shape.spines()},
            cores={place: self._core(*place) for place in cores},
            numbers=self.numbers,
        )

    def _leaf(self, leaf: Leaf) -> SwitchPlan:
        shape = self.shape
        return self._switch(
            tier="leaf",
            index=shape.leaf_index(leaf),
            name=f"leaf-s{leaf.su:02}-r{_rails(leaf.rail, shape.tree.rails_per_leaf)}",
            plane=leaf.plane,
            su=leaf.su,
            rail=leaf.rail,
            pod=shape.pod(leaf.su),
            down=shape.tree.down,
            up=shape.tree.up,
            reserved=shape.reserved.get((leaf.rail, leaf.plane), ()) if leaf.su == 1 else (),
            asn=self.numbers.leaf_asn(shape.leaf_index(leaf)) if self.numbers else 0,
        )

    def _spine(self, spine: Spine) -> SwitchPlan:
        shape, tree = self.shape, self.shape.tree
        three = tree.tiers == 3
        place = f"pod{spine.pod:02}-{spine.at + 1:02}" if three else f"{spine.at + 1:02}"
        return self._switch(
            tier="spine",
            index=shape.spine_index(spine),
            name=f"spine-{place}",
            plane=spine.plane,
            pod=spine.pod if three else 0,
            down=tree.radix - tree.spine_up,
            up=tree.spine_up,
            asn=self.numbers.spine_asn(spine.pod - 1, spine.plane) if self.numbers else 0,
        )

    def _core(self, core: int, plane: int) -> SwitchPlan:
        return self._switch(
            tier="core",
            index=self.shape.core_index(core, plane),
            name=f"core-{core + 1:03}",
            plane=plane,
            down=self.shape.tree.radix,
            asn=self.numbers.core_asn(plane) if self.numbers else 0,
        )

    def _switch(
        self,
        *,
        tier: str,
        index: int,
        name: str,
        plane: int,
        down: int,
        asn: int,
        su: int = 0,
        rail: int = 0,
        pod: int = 0,
        up: int = 0,
        reserved: tuple[int, ...] = (),
    ) -> SwitchPlan:
        shape, network = self.shape, self.shape.network
        tiers = {"leaf": network.leaves, "spine": network.spines, "core": network.cores}
        rack, unit = stand(tiers[tier], index, shape.figures.height_u)
        full = f"{shape.name}-{name}" + (f"-p{plane}" if shape.planes > 1 else "")
        address = management_address(self.oob, self.rack_number(rack), unit)
        return SwitchPlan(
            name=full,
            network=shape.name,
            tier=tier,
            index=index,
            model=network.switch,
            su=su,
            rail=rail,
            plane=plane,
            pod=pod,
            ports=shape.tree.radix,
            per_cage=shape.per_cage,
            down=down,
            up=up,
            reserved=tuple(sorted(reserved)),
            rack=rack,
            unit=unit,
            loopback=self.numbers.loopback(tier, index) if self.numbers else "",
            asn=asn,
            oob_address=dotted(address) if rack else "",
        )


def _rails(first: int, count: int) -> str:
    """``3``, or ``1-4`` where a leaf has several."""
    return f"{first}-{first + count - 1}" if count > 1 else str(first)
