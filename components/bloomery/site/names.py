"""Names that must be unique, and names that must exist, across both files.

Works on what was written, so that it speaks even where other things are wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from bloomery.errors import Fault
from bloomery.site.cluster.names import claim_faults
from bloomery.site.cooling.names import coolant_faults
from bloomery.site.fabric.host_ports import host_port_faults
from bloomery.site.fabric.names import fabric_faults
from bloomery.site.metal.delivery import Delivery
from bloomery.site.metal.elevation import elevation_faults
from bloomery.site.metal.names import metal_faults
from bloomery.site.metal.os_disk import os_disk_faults
from bloomery.site.metal.personality import personality_faults
from bloomery.site.metal.rack_names import rack_faults
from bloomery.site.reading.document import Document
from bloomery.site.reading.entries import entries, taken_twice
from bloomery.site.reading.fault_texts import suggest
from bloomery.site.types.text_types import DNS_LABEL


def name_faults(document: Document, delivery: Delivery) -> Iterator[Fault]:
    """Every name that is taken twice, or that nothing answers to."""
    pools = entries((document.data or {}).get("pools"), ("pools",))
    yield from taken_twice(document, pools)
    yield from rack_faults(document, delivery)
    yield from metal_faults(document)
    yield from personality_faults(document)
    yield from os_disk_faults(document)
    yield from elevation_faults(document, delivery)
    yield from _unknown_pools(document, delivery)
    yield from _unknown_reinstalls(document, delivery)
    yield from claim_faults(document)
    yield from coolant_faults(document)
    yield from fabric_faults(document, delivery)
    yield from host_port_faults(document)


def _names(document: Document, key: str) -> Iterator[tuple[int, str]]:
    entries = (document.data or {}).get(key)
    for at, entry in enumerate(entries if isinstance(entries, list) else []):
        name = entry.get("name") if isinstance(entry, dict) else None
        if isinstance(name, str):
            yield at, name


def _unknown_pools(document: Document, delivery: Delivery) -> Iterator[Fault]:
    pools = {name for _, name in _names(document, "pools")}
    # A pool whose own name is at fault may well be the one a row means.
    sure = pools and all(DNS_LABEL.fullmatch(name) for name in pools)
    for machine in delivery.machines if sure else ():
        if machine.pool not in pools:
            line = delivery.lines[machine.name]
            reason = f"unknown pool {machine.pool!r}"
            hint = suggest(machine.pool, pools, "pools")
            yield Fault(delivery.file, line, f"{machine.name}.pool", reason, hint)


def _unknown_reinstalls(document: Document, delivery: Delivery) -> Iterator[Fault]:
    reinstall = (document.data or {}).get("reinstall")
    # A row with a fault of its own is not read; its node may well be one of those named here.
    for node in reinstall if isinstance(reinstall, dict) and not delivery.faults else ():
        if node not in delivery.lines:
            hint = suggest(node, delivery.lines, "nodes")
            yield document.fault(("reinstall", node), f"unknown node {node!r}", hint)
