"""Names of machines' ports that a pool gives: as many as it has ports, each once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from bloomery.catalogue import node_models
from bloomery.catalogue.node import NodeModel
from bloomery.errors import Fault
from bloomery.site.fabric.sheet import LAYERS, Network
from bloomery.site.reading.document import Document, Path, Value
from bloomery.site.reading.entries import entries, mapping
from bloomery.site.types.port_types import Hca, Interface

KINDS: Mapping[str, TypeAdapter[str]] = {
    "hca_mapping": TypeAdapter(Hca),
    "port_names": TypeAdapter(Interface),
}
"""Key of a pool -> what reads one of its names."""


def known_port(model: NodeModel | None, hca: str) -> str:
    """One name for an adapter: its RDMA device where the catalogue knows the PCI address."""
    ports = model.hca_mapping.every() if model and model.hca_mapping else ()
    return next((port.hca for port in ports if port.pci == hca and port.hca), hca)


def host_port_faults(document: Document) -> Iterator[Fault]:
    """Names for a network that the pool is not in, too few or too many of them, and names twice."""
    data = document.data or {}
    fabric = mapping(data.get("fabric"))
    for path, pool in entries(data.get("pools"), ("pools",)):
        for key in KINDS:
            yield from _Names(document, path, key, pool, fabric).faults()


@dataclass(frozen=True)
class _Names:
    """What one pool says under one key."""

    document: Document
    path: Path
    key: str
    pool: Mapping[str, Value]
    fabric: Mapping[str, Value]

    def faults(self) -> Iterator[Fault]:
        taken: dict[str, tuple[str, int]] = {}
        written = mapping(self.pool.get(self.key))
        for layer in LAYERS:
            names = written.get(layer)
            if not isinstance(names, list) or not names:
                continue  # told by its own field
            yield from self._network(layer, names)
            yield from self._twice(layer, names, taken)

    def _network(self, layer: str, names: Sequence[Value]) -> Iterator[Fault]:
        name, here = self.pool.get("name"), (*self.path, self.key, layer)
        if not isinstance(name, str):
            return
        inside = [it for it in LAYERS if name in mapping(mapping(self.fabric.get(it)).get("pools"))]
        if layer not in inside:
            reason = f"pool {name!r} has no ports in network {layer!r}"
            hint = f"it is in {', '.join(inside)}" if inside else "it is in no network"
            yield self.document.fault(here, reason, f"{hint}; see fabric.{layer}.pools")
            return
        if network := self._sound(layer):
            rails = network.rails_of(name)
            ports = rails * network.planes
            if len(names) not in (rails, ports):
                reason = f"{_count(len(names), 'name')} for {_count(rails, 'rail')}"
                each = f"one a rail, or {ports}: one a rail and plane" if network.planes > 1 else ""
                yield self.document.fault(here, reason, each or "one for each rail, in their order")

    def _sound(self, layer: str) -> Network | None:
        try:
            return Network.model_validate(self.fabric.get(layer))
        except ValidationError:
            return None  # told by its own fields

    def _twice(
        self, layer: str, names: Sequence[Value], taken: dict[str, tuple[str, int]]
    ) -> Iterator[Fault]:
        for at, written in enumerate(names):
            if not (name := self._read(written)):
                continue
            # All planes of a rail may be of one adapter.
            place = (layer, at // self._planes(layer, len(names)) + 1)
            first = taken.setdefault(name, place)
            if first != place:
                hint = f"it is rail {first[1]} of {first[0]}"
                here = (*self.path, self.key, layer, at)
                yield self.document.fault(here, f"{written!r} is given twice", hint)

    def _planes(self, layer: str, count: int) -> int:
        """Names of one rail that may be alike."""
        network = self._sound(layer) if self.key == "hca_mapping" else None
        rails = network.rails_of(str(self.pool.get("name"))) if network else 0
        return network.planes if network and count > rails else 1

    def _read(self, written: Value) -> str:
        """The name as it is compared; empty where it is none, which its field says."""
        try:
            name = KINDS[self.key].validate_python(written)
        except ValidationError:
            return ""
        model = node_models().get(str(self.pool.get("model")))
        return known_port(model, name) if self.key == "hca_mapping" else name


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("s" if number != 1 else "")
