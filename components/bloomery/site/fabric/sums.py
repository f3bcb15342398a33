"""Sizes, addresses and machines of the networks, and what contradicts what."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from itertools import combinations

from bloomery.errors import Fault
from bloomery.site.fabric.addressing import asns, shortages
from bloomery.site.fabric.chosen import tree_of
from bloomery.site.fabric.places import machine_number, place, reserved_slots
from bloomery.site.fabric.sheet import LAST_ASN, LAST_PKEY, LAST_VNI, Network, TenantNumbers
from bloomery.site.fabric.switches import FullSwitchFigures
from bloomery.site.fabric.tree import Tree, TreeError
from bloomery.site.metal.delivery import Delivery
from bloomery.site.reading.document import Document, Path
from bloomery.site.reading.fault_texts import suggest

POOLS = ("loopbacks", "links", "hosts")
"""Keys of the address pools of a network."""


def network_faults(
    document: Document, name: str, network: Network, figures: FullSwitchFigures, delivery: Delivery
) -> Iterator[Fault]:
    """What cannot be built, has no address, or has no place, of one network."""
    path: Path = ("fabric", name)
    if network.su > network.target:
        reason = f"{network.su} units are built of {network.target}"
        yield document.fault((*path, "su_max"), reason, f"at least {network.su}")
        return
    for pool, first in network.pools.items():
        if first > network.su:
            reason = f"pool {pool!r} begins in unit {first} of {network.su}"
            yield document.fault((*path, "pools", pool), reason, f"at most {network.su}")
    yield from _pool_faults(document, path, network)
    try:
        found = tree_of(network, figures.cages * figures.per_cage[network.speed_gbps])
    except TreeError as error:
        key = error.key if error.key != "su_max" or network.su_max else "su"
        yield document.fault((*path, key), str(error), error.hint)
        return
    yield from _tree_faults(document, path, network, found)
    yield from _addresses(document, path, network, found)
    yield from _machines(delivery, name, network, found)


def _pool_faults(document: Document, path: Path, network: Network) -> Iterator[Fault]:
    """What is said of single pools: of which, and whether it fits the network."""
    for key in ("pool_rails", "pool_places"):
        for pool in getattr(network, key):
            if pool not in network.pools:
                hint = suggest(pool, network.pools, "its pools")
                reason = f"pool {pool!r} is none of this network"
                yield document.fault((*path, key, pool), reason, hint)
    for pool, rails in network.pool_rails.items():
        if rails > network.rails:
            reason = f"{rails} rails of {network.rails}"
            hint = "rails is the most ports a machine has: raise it"
            yield document.fault((*path, "pool_rails", pool), reason, hint)
    for pool, first in network.pool_places.items():
        if first > network.nodes_per_su:
            reason = f"place {first} of {network.nodes_per_su}"
            hint = "at most nodes_per_su; a later unit stands in pools"
            yield document.fault((*path, "pool_places", pool), reason, hint)


def _tree_faults(document: Document, path: Path, network: Network, found: Tree) -> Iterator[Fault]:
    room = found.unit_leaves * network.planes * found.down
    if network.reserved_ports > room:
        reason = f"{network.reserved_ports} ports reserved of {room} in unit 1"
        yield document.fault((*path, "reserved_ports"), reason, f"at most {room}")
    if network.cores is not None and not found.cores:
        hint = "remove it; cores come with the third tier"
        number = {1: "one tier", 2: "two tiers"}[found.tiers]
        yield document.fault((*path, "cores"), f"a tree of {number} has no cores", hint)
    if network.spines is not None and not found.pod_spines:
        hint = "remove it; spines come with the second tier"
        yield document.fault((*path, "spines"), "a tree of one tier has no spines", hint)


def _addresses(document: Document, path: Path, network: Network, found: Tree) -> Iterator[Fault]:
    here = (*path, "addresses")
    if network.kind == "infiniband":
        if network.addresses is not None:
            yield document.fault(here, "InfiniBand has no addresses to plan", "remove it")
        return
    if network.addresses is None:
        hint = "loopbacks, links, hosts and asn of this network"
        yield document.fault(here, "missing", hint)
        return
    for key, needed, there in shortages(network.addresses, found, network.planes):
        reason = f"{there} addresses; the growth target takes {needed}"
        prefix = 32 - (needed - 1).bit_length()
        yield document.fault((*here, key), reason, f"a /{prefix} or wider")
    if asns(network)[-1] > LAST_ASN:
        reason = f"numbers run up to {asns(network)[-1]}"
        yield document.fault((*here, "asn"), reason, f"private ones end at {LAST_ASN}")


def _machines(delivery: Delivery, name: str, network: Network, found: Tree) -> Iterator[Fault]:
    taken: dict[tuple[int, int], str] = {}
    kept = reserved_slots(network, found)
    for machine in delivery.machines:
        if machine.pool not in network.pools:
            continue
        line = delivery.lines[machine.name]
        where = f"{machine.name}.{'name' if machine.number is None else 'number'}"
        at = place(network, machine)
        if at is None:
            told = (
                f"no place in network {name!r}: the name has no number",
                f"{machine.pool}-001: machines are numbered from 1; or give a column number",
            )
        elif at[0] > network.su:
            told = (
                f"number {machine_number(machine)} is in unit {at[0]} of network {name!r}, "
                f"which has {network.su}",
                f"{network.nodes_per_su} machines a unit; raise fabric.{name}.su",
            )
        elif at[0] == 1 and at[1] in kept:
            told = (
                f"place {at[1]} of unit 1 of network {name!r} is reserved for its managers",
                "leave this number out, or give the machine another in a column number",
            )
        elif at in taken:
            told = (
                f"place {at[1]} of unit {at[0]} of network {name!r} is taken by {taken[at]!r}",
                "another number, or another first unit or place of its pool",
            )
        else:
            taken[at] = machine.name
            continue
        yield Fault(delivery.file, line, where, *told)


def pool_faults(document: Document, networks: Mapping[str, Network]) -> Iterator[Fault]:
    """Address pools and number ranges of different networks that overlap."""
    pools = [*_pools(document, networks)]
    for (path, one), (other_path, other) in combinations(pools, 2):
        if one.overlaps(other):
            # Told where fabric is: those networks are this noun's to move.
            at, name = (other_path, spell_key(path)) if other_path[0] == "fabric" else (path, "")
            if at[0] == "fabric":
                reason = f"{other} overlaps {one}"
                yield document.fault(
                    at, reason, f"that is {name}; choose ranges that do not overlap"
                )
    ranges = [(name, asns(network)) for name, network in networks.items() if network.addresses]
    for (name, one_range), (other_name, other_range) in combinations(ranges, 2):
        low, high = sorted((one_range, other_range), key=lambda it: it.start)
        if high.start < low.stop:
            reason = f"numbers of {other_name!r} overlap those of {name!r}"
            hint = f"{name!r} may take {one_range[0]} to {one_range[-1]}"
            yield document.fault(("fabric", other_name, "addresses", "asn"), reason, hint)


def spell_key(path: Path) -> str:
    """A path as a key of the file."""
    return ".".join(str(part) for part in path)


def _pools(
    document: Document, networks: Mapping[str, Network]
) -> Iterator[tuple[Path, ipaddress.IPv4Network]]:
    written = (document.data or {}).get("networks")
    for name, entry in written.items() if isinstance(written, dict) else ():
        cidr = entry.get("cidr") if isinstance(entry, dict) else None
        if isinstance(cidr, str):
            try:
                yield ("networks", name, "cidr"), ipaddress.IPv4Network(cidr)
            except ValueError:
                continue  # told by its own field
    for name, network in networks.items():
        for key in POOLS if network.addresses else ():
            cidr = getattr(network.addresses, key)
            yield ("fabric", name, "addresses", key), ipaddress.IPv4Network(cidr)


def tenant_faults(document: Document, numbers: TenantNumbers) -> Iterator[Fault]:
    """Projects whose id leads beyond the numbers there are."""
    if numbers.pkeys_to < numbers.pkeys_from:
        reason = f"0x{numbers.pkeys_to:04x} is below pkeys_from"
        yield document.fault(("fabric", "tenants", "pkeys_to"), reason, f"up to 0x{LAST_PKEY:04x}")
        return
    most = min(numbers.pkeys_to - numbers.pkeys_from + 1, LAST_VNI - numbers.vni)
    projects = (document.data or {}).get("projects")
    for at, project in enumerate(projects if isinstance(projects, list) else []):
        written = project.get("id") if isinstance(project, dict) else None
        number = (
            int(written) if isinstance(written, str) and re.fullmatch(r"[0-9]{1,9}", written) else 0
        )
        if number > most:
            reason = f"id {written} exceeds the range of fabric.tenants"
            yield document.fault(("projects", at, "id"), reason, f"at most {most}")
