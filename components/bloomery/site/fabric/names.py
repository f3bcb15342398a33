"""Names the fabric points to, and figures it needs of what it buys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from bloomery.catalogue import switch_model
from bloomery.errors import Fault
from bloomery.site.fabric.rows import row_faults
from bloomery.site.fabric.sheet import LAYERS, FabricSheet, Network
from bloomery.site.fabric.sums import network_faults, pool_faults, tenant_faults
from bloomery.site.fabric.switches import NEEDED, FullSwitchFigures, full_switch_figures
from bloomery.site.metal.delivery import Delivery
from bloomery.site.metal.rack_names import rack_names
from bloomery.site.reading.document import Document, Path, Value
from bloomery.site.reading.entries import entries, mapping
from bloomery.site.reading.fault_texts import suggest
from bloomery.site.types.name_range import expand


def fabric_faults(document: Document, delivery: Delivery) -> Iterator[Fault]:
    """Every fault between the parts of ``fabric``, and from there to racks, pools, machines."""
    written = (document.data or {}).get("fabric")
    if isinstance(written, dict):
        found = _Faults(document, written)
        yield from found.names()
        yield from found.sums(delivery)


@dataclass(frozen=True)
class _Faults:
    document: Document
    written: Mapping[str, Value]

    @cached_property
    def sheet(self) -> FabricSheet:
        """The parts that are sound in themselves."""
        parts: dict[str, object] = {}
        for key, value in self.written.items():
            try:
                FabricSheet.model_validate({key: value})
            except ValidationError:
                continue
            parts[key] = value
        return FabricSheet.model_validate(parts)

    def names(self) -> Iterator[Fault]:
        """Racks, pools, models and media that nothing answers to, or that are taken twice."""
        racks = rack_names(self.document)
        for path, names in self._rack_lists():
            for name in dict.fromkeys(names):
                if racks and name not in racks:
                    yield self.document.fault(
                        path, f"unknown rack {name!r}", suggest(name, racks, "racks")
                    )
                    break
        yield from self._pools()
        for path, key, speed in self._switches():
            yield from self._figures(path, key, speed)
        yield from self._systems()
        yield from self._media()
        yield from self._oob()
        yield from self._distances()

    def sums(self, delivery: Delivery) -> Iterator[Fault]:
        """Sizes, addresses and machines that contradict each other."""
        sound: dict[str, Network] = {}
        for name, network in self.sheet.trees():
            figures = full_switch_figures(self.sheet, network.switch)
            if not figures.cages or network.speed_gbps not in figures.per_cage:
                continue  # told by its figures
            sound[name] = network
            yield from network_faults(self.document, name, network, figures, delivery)
        yield from pool_faults(self.document, sound)
        yield from tenant_faults(self.document, self.sheet.tenants)

    def _rack_lists(self) -> Iterator[tuple[Path, list[str]]]:
        for layer in LAYERS:
            network = mapping(self.written.get(layer))
            for tier in ("leaves", "spines", "cores", "managers"):
                racks = mapping(network.get(tier)).get("racks")
                yield ("fabric", layer, tier, "racks"), _names(racks)
        for path, group in self._groups():
            yield (*path, "racks"), _names(group.get("racks"))
            stand = mapping(mapping(group.get("uplinks")).get("stand"))
            yield (*path, "uplinks", "stand", "racks"), _names(stand.get("racks"))

    def _groups(self) -> Iterator[tuple[Path, Mapping[str, Value]]]:
        groups = mapping(self.written.get("oob")).get("groups")
        for at, group in enumerate(groups if isinstance(groups, list) else []):
            yield ("fabric", "oob", "groups", at), mapping(group)

    def _pools(self) -> Iterator[Fault]:
        pools = (self.document.data or {}).get("pools")
        written = [mapping(pool) for pool in pools] if isinstance(pools, list) else []
        known = [name for pool in written if isinstance(name := pool.get("name"), str)]
        for layer in LAYERS:
            for name in mapping(mapping(self.written.get(layer)).get("pools")):
                if known and name not in known:
                    path = ("fabric", layer, "pools", name)
                    hint = suggest(name, known, "pools")
                    yield self.document.fault(path, f"unknown pool {name!r}", hint)

    def _switches(self) -> Iterator[tuple[Path, str, float]]:
        """Where a switch model is chosen, which, and for links of what speed (0: by itself)."""
        for name, network in self.sheet.trees():
            yield ("fabric", name), network.switch, network.speed_gbps
        for at, group in enumerate(self.sheet.oob.groups if self.sheet.oob else ()):
            if group.uplinks:
                path = ("fabric", "oob", "groups", at, "uplinks")
                yield path, group.uplinks.switch, group.uplinks.speed_gbps
        if self.sheet.oob:
            yield ("fabric", "oob"), self.sheet.oob.switch, 0

    def _figures(self, path: Path, key: str, speed_gbps: float) -> Iterator[Fault]:
        figures = full_switch_figures(self.sheet, key)
        needed = (*NEEDED, "cages") if speed_gbps else (*NEEDED, "access_ports", "access_gbps")
        for figure in needed:
            if not getattr(figures, figure):
                reason = f"{figure} of {key!r} is in no source the catalogue has"
                hint = f"write fabric.switches.{key}.{figure}, from the vendor's data sheet"
                yield self.document.fault((*path, "switch"), reason, hint)
        if speed_gbps and speed_gbps not in figures.per_cage:
            yield self.document.fault((*path, "speed_gbps"), *_speeds(figures, speed_gbps))
        wanted = mapping(self.written.get(str(path[1]))).get("kind") or "ethernet"
        if wanted in ("infiniband", "ethernet") and figures.kind != wanted:
            reason = f"{key!r} is a switch for {figures.kind}, the network is {wanted}"
            yield self.document.fault((*path, "switch"), reason, "choose another, or another kind")

    def _systems(self) -> Iterator[Fault]:
        for key, figures in self.sheet.switches.items():
            known = switch_model(key).systems
            if figures.os and figures.os not in known:
                reason = f"unknown system {figures.os!r} of {key!r}"
                hint = suggest(figures.os, known, "systems") or "the catalogue has none; remove it"
                yield self.document.fault(("fabric", "switches", key, "os"), reason, hint)

    def _media(self) -> Iterator[Fault]:
        seen: set[str] = set()
        for at, medium in enumerate(self.sheet.media):
            path = ("fabric", "media", at)
            if medium.name in seen:
                yield self.document.fault((*path, "name"), f"name {medium.name!r} is taken")
            seen.add(medium.name)
            if medium.lengths_m and max(medium.lengths_m) > medium.reach_m:
                reason = f"{max(medium.lengths_m):g} m is beyond its reach of {medium.reach_m:g} m"
                yield self.document.fault((*path, "lengths_m"), reason)

    def _oob(self) -> Iterator[Fault]:
        if self.sheet.oob is None:
            return
        figures = full_switch_figures(self.sheet, self.sheet.oob.switch)
        names: set[str] = set()
        racks: dict[str, str] = {}
        for at, group in enumerate(self.sheet.oob.groups):
            path: Path = ("fabric", "oob", "groups", at)
            if group.name in names:
                yield self.document.fault((*path, "name"), f"name {group.name!r} is taken")
            names.add(group.name)
            shared = [rack for rack in group.racks if rack in racks]
            if shared:
                reason = f"rack {shared[0]!r} is in group {racks[shared[0]]!r} too"
                yield self.document.fault((*path, "racks"), reason, "a rack is of one group")
            racks.update(dict.fromkeys(group.racks, group.name))
            if 0 < figures.access_ports < group.racks_per_switch:
                reason = f"{group.racks_per_switch} racks share {figures.access_ports} ports"
                hint = f"at most {figures.access_ports}"
                yield self.document.fault((*path, "racks_per_switch"), reason, hint)
            if group.uplinks:
                yield from self._uplinks((*path, "uplinks"), group.uplinks.reserved_ports, at)

    def _uplinks(self, path: Path, reserved: int, at: int) -> Iterator[Fault]:
        assert self.sheet.oob is not None  # noqa: S101 - for the type checker
        uplinks = self.sheet.oob.groups[at].uplinks
        assert uplinks is not None  # noqa: S101 - for the type checker
        lower = full_switch_figures(self.sheet, self.sheet.oob.switch)
        upper = full_switch_figures(self.sheet, uplinks.switch)
        ports = upper.cages * upper.per_cage.get(uplinks.speed_gbps, 0)
        if ports and reserved >= ports:
            reason = f"{reserved} of {ports} ports are reserved"
            yield self.document.fault((*path, "reserved_ports"), reason, f"at most {ports - 1}")
        if lower.cages and uplinks.speed_gbps not in lower.per_cage:
            yield self.document.fault((*path, "speed_gbps"), *_speeds(lower, uplinks.speed_gbps))

    def _distances(self) -> Iterator[Fault]:
        if self.sheet.distances is None:
            return
        yield from row_faults(self.document, self.sheet.distances)
        racks = entries((self.document.data or {}).get("racks"), ("racks",))
        halls = {hall for _, rack in racks if isinstance(hall := rack.get("hall"), str)}
        if len(halls) > 1 and self.sheet.distances.hall_m is None:
            hint = "metres a cable needs more from one hall to another"
            yield self.document.fault(("fabric", "distances", "hall_m"), "missing", hint)


def _speeds(figures: FullSwitchFigures, speed_gbps: float) -> tuple[str, str]:
    speeds = ", ".join(f"{speed:g}" for speed in sorted(figures.per_cage)) or "none it knows"
    hint = f"Gb/s: {speeds}; or write fabric.switches.{figures.key}.per_cage"
    return f"{figures.key!r} has no ports of {speed_gbps:g} Gb/s", hint


def _names(value: Value) -> list[str]:
    items: Iterable[Value] = value if isinstance(value, list) else []
    return [name for item in items if isinstance(item, str) for name in _expanded(item)]


def _expanded(written: str) -> tuple[str, ...]:
    try:
        return expand(written)
    except PydanticCustomError:
        return ()
