"""What guests stand on, made by ``up`` before the daemon: image, package mirror, network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bloomery.lab.cgroup import Cgroup
from bloomery.lab.depot import Depot
from bloomery.lab.files import write_whole
from bloomery.lab.image import ensure_image
from bloomery.lab.layout import LabDir
from bloomery.lab.net import HostNet
from bloomery.lab.spec import LabSpec
from bloomery.statedir import StateDir

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
    host_net(spec).ensure()
