"""What guests stand on, made by ``up`` before the daemon: image, package mirror, network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bloomery.lab.cgroup import Cgroup
from bloomery.lab.depot import Depot
from bloomery.lab.files import write_whole
from bloomery.lab.image import ensure_image, recipe_digest
from bloomery.lab.layout import LabDir
from bloomery.lab.medium import Medium
from bloomery.lab.metal.bootable import Bootable
from bloomery.lab.metal.parts import ensure_parts
from bloomery.lab.net import HostNet
from bloomery.lab.spec import LabSpec
from bloomery.statedir import StateDir
from bloomery.trust.keys import medium_key
from bloomery.trust.secret import open_secret

BUILDER = "_builder"
"""Control group of what ``up`` starts. No machine has this name: names begin with a letter."""


def host_net(spec: LabSpec) -> HostNet:
    """The network of a lab's hosts."""
    return HostNet(spec.id, spec.depot_address, spec.prefix, spec.depot_port)


def depot_of(spec: LabSpec, state: StateDir, cache: Path) -> Depot:
    """The package mirror of a lab."""
    return Depot(cache, LabDir(state.lab).depot, spec.image)


def ensure_prerequisites(
    state: StateDir, cache: Path, spec: LabSpec, progress: Callable[[str], None]
) -> None:
    """Make or repair all of it. LabError with the reason of the programme that failed."""
    builder = Cgroup.of(f"{spec.id}/{BUILDER}")
    builder.remove()  # what an earlier, killed ``up`` left at work
    ensure_image(cache, spec.image, builder, progress)
    if spec.image.packages:
        depot = depot_of(spec, state, cache)
        depot.ensure(builder, progress)
        write_whole(state.depot_key, depot.public_key.read_bytes(), mode=0o644)
    if spec.metal:
        parts = ensure_parts(cache, spec.image, builder, progress)
        if medium_of(spec, state, parts).write(LabDir(state.lab).medium):
            progress("medium: signed for this site")
    host_net(spec).ensure()


def medium_of(spec: LabSpec, state: StateDir, parts: Path) -> Bootable:
    """The installation medium of a lab's machines with firmware."""
    return Bootable(
        parts=parts,
        medium=os_medium(spec, state),
        suite=spec.image.suite,
        key=medium_key(open_secret(state.secret), spec.site),
    )


def os_medium(spec: LabSpec, state: StateDir) -> Medium:
    """What the OS medium says of image and mirror."""
    key = LabDir(state.lab).depot / "depot.asc"
    depot_key = key.read_text() if spec.guests and key.exists() else ""
    depot = spec.depot_url if depot_key else ""
    return Medium(spec.image.name, recipe_digest(spec.image), depot, depot_key)
