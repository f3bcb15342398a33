"""How the operating systems of the machines call their ports: what the pool says, else what the
catalogue has of the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bloomery.catalogue import node_model
from bloomery.catalogue.host_port import HcaMapping, HostPort
from bloomery.plan.model import HostPortsPlan
from bloomery.site import Site
from bloomery.site.fabric.sheet import Layer, Network
from bloomery.site.metal.sheet import Pool
from bloomery.site.types.port_types import is_pci

Names = tuple[str, ...]


def host_ports(site: Site) -> tuple[HostPortsPlan, ...]:
    """By pool and network; nothing where neither site nor catalogue names a port."""
    trees = list(site.fabric.trees()) if site.fabric else []
    pools = sorted(site.pools, key=lambda pool: pool.name)
    found = (
        _ports(pool, name, network)
        for pool in pools
        for name, network in trees
        if pool.name in network.pools
    )
    return tuple(it for it in found if it.hcas or it.pci or it.interfaces)


def _ports(pool: Pool, name: Layer, network: Network) -> HostPortsPlan:
    mapping = node_model(pool.model).hca_mapping
    own: Names = (getattr(pool.hca_mapping, name) if pool.hca_mapping else None) or ()
    written: Names = (getattr(pool.port_names, name) if pool.port_names else None) or ()
    ports = (
        [_known(mapping, hca) for hca in _each(own, network, pool.name)]
        if own
        else _default(pool, name, network, mapping)
    )
    said = [
        f"site.yaml: {key} of its pool"
        for key, names in (("hca_mapping", own), ("port_names", written))
        if names
    ]
    if mapping and any(port in ports for port in mapping.every()):
        said.append(mapping.source)
    return HostPortsPlan(
        pool=pool.name,
        network=name,
        hcas=_listed(port.hca for port in ports),
        pci=_listed(port.pci for port in ports),
        interfaces=_each(written, network, pool.name)
        or _listed(_interface(it, network) for it in ports),
        source="; ".join(said),
    )


def _default(
    pool: Pool, name: Layer, network: Network, mapping: HcaMapping | None
) -> Sequence[HostPort]:
    """The catalogue's, where the pool gives none of its own and has as many ports."""
    if mapping is None or pool.hca_mapping is not None:
        return ()
    ports: Sequence[HostPort] = getattr(mapping, name)
    return ports if network.planes == 1 and len(ports) == network.rails_of(pool.name) else ()


def _known(mapping: HcaMapping | None, hca: str) -> HostPort:
    """A port by the name that the site gives, with what the catalogue knows of it."""
    for port in mapping.every() if mapping else ():
        if hca in (port.hca, port.pci):
            return port
    return HostPort(pci=hca) if is_pci(hca) else HostPort(hca=hca)


def _each(names: Names, network: Network, pool: str) -> Names:
    """One for each port: where a rail has one name, its planes share it."""
    planes = network.planes if len(names) == network.rails_of(pool) else 1
    return tuple(name for name in names for _ in range(planes))


def _listed(names: Iterator[str]) -> Names:
    """Nothing where no port has a name."""
    found = tuple(names)
    return found if any(found) else ()


def _interface(port: HostPort, network: Network) -> str:
    return port.infiniband if network.kind == "infiniband" else port.ethernet
