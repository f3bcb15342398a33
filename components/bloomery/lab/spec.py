"""What one lab shall be: the plan's machines, addresses and image, as plain data.

``up`` writes it, the daemon reads it; neither the daemon nor ``down`` needs the site.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bloomery.catalogue import Release, node_model, release
from bloomery.drivers.redfish.fake.personalities import PERSONALITIES
from bloomery.drivers.redfish.fake.personality import STANDARD
from bloomery.errors import LabError
from bloomery.lab.delays import Delays
from bloomery.plan.model import NodePlan, Plan

ID_DIGITS = 5
"""Hex digits in a lab's id: names of links end at 15 characters (IFNAMSIZ), and a
million labs on one machine are not expected."""

BUILT_FOR = {"llama-server": "serve"}
"""Package that no mirror has -> run that needs it; building it takes minutes."""

HTTPS_PORT = 443
"""Port of a URL or BMC address that names none."""


def lab_id(place: Path) -> str:
    """Prefix of every kernel object of the lab that keeps its files at ``place``.

    From where it lies alone, so that ``down`` needs no file; and not from the site's name, so
    that no lab ever takes down one of the same name in another state directory.
    """
    return "bl" + hashlib.sha256(os.fsencode(place.resolve())).hexdigest()[:ID_DIGITS]


@dataclass(frozen=True)
class MachineSpec:
    """One virtual machine."""

    name: str
    kind: str
    """``guest``, ``ghost`` or ``machine``."""
    model: str
    bmc_address: str
    bmc_port: int
    bmc_mac: str
    personality: str
    """What its BMC shows itself as; a name of ``PERSONALITIES``."""
    chassis_serial: str
    system_uuid: str
    host_address: str
    host_mac: str
    ssh_port: int
    delays: Delays = field(default_factory=Delays)
    disks: int = 1
    """Disks of a ``machine``."""
    tpm: bool = False
    """Whether a ``machine`` has a TPM 2.0."""


@dataclass(frozen=True)
class ImageSpec:
    """The release's image and packages."""

    name: str
    """Name of the medium, without suffix."""
    base: tuple[str, ...]
    """Packages inside the image."""
    packages: tuple[str, ...]
    """Packages the depot serves."""
    suite: str
    """Suite of the depot's repository."""


@dataclass(frozen=True)
class LabSpec:
    """One lab."""

    id: str
    site: str
    media_address: str
    """Where BMCs fetch the OS medium: the host of the medium's URL, an address of this machine."""
    media_port: int
    media_path: str
    depot_address: str
    """Controller's address in the host network."""
    depot_port: int
    prefix: int
    """Prefix length of the host network."""
    image: ImageSpec
    machines: tuple[MachineSpec, ...]
    time_factor: float
    """Scale of the BMCs' own delays; 1 is as slow as metal."""

    @property
    def guests(self) -> bool:
        """Whether any machine runs a real OS; needs root and kernel objects."""
        return any(machine.kind in ("guest", "machine") for machine in self.machines)

    @property
    def metal(self) -> bool:
        """Whether any machine has firmware and a kernel of its own."""
        return any(machine.kind == "machine" for machine in self.machines)

    @property
    def depot_url(self) -> str:
        """Base URL of the package mirror."""
        return f"http://{self.depot_address}:{self.depot_port}"

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)

    @property
    def digest(self) -> str:
        """SHA-256 of the content, hex: a daemon with another one is out of date."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def spec_of(
    plan: Plan, place: Path, time_factor: float, delays: Mapping[str, Delays] | None = None
) -> LabSpec:
    """The lab of a plan, kept at ``place``. LabError where the site is no lab or holds metal.

    ``delays`` are those of machines, by name, that take their time; the others do not.
    """
    if not plan.site.lab:
        raise LabError("the site has lab: false: its machines are real", subject=plan.site.name)
    depot = urlsplit(plan.site.depot)
    media = {urlsplit(node.image) for node in plan.metal.nodes}
    if depot.hostname is None or len(media) != 1:
        raise LabError("a lab needs a depot URL and one installation medium")
    medium = media.pop()
    wanted = release(plan.site.release)
    return LabSpec(
        id=lab_id(place),
        site=plan.site.name,
        media_address=medium.hostname or plan.site.controller_oob,
        media_port=medium.port or HTTPS_PORT,
        media_path=medium.path,
        depot_address=depot.hostname,
        depot_port=depot.port or 80,
        prefix=int(plan.site.provisioning_cidr.rpartition("/")[2]),
        image=ImageSpec(wanted.image, wanted.base, _packages(plan, wanted), wanted.suite),
        machines=tuple(
            _machine(node, (delays or {}).get(node.name, Delays())) for node in plan.metal.nodes
        ),
        time_factor=time_factor,
    )


def _packages(plan: Plan, wanted: Release) -> tuple[str, ...]:
    """The release's packages, without those that are built for a run the site does not have."""
    runs = {run.kind for run in plan.runs}
    return tuple(name for name in wanted.packages if BUILT_FOR.get(name, "") in ("", *runs))


def _starts_by_http(node: NodePlan) -> bool:
    return PERSONALITIES[node.bmc.personality or STANDARD.name].habits.http_boot


def _machine(node: NodePlan, delays: Delays) -> MachineSpec:
    model = node_model(node.model)
    kind = model.virtual
    if kind == "none":
        raise LabError(
            f"model {node.model} is metal",
            subject=node.name,
            next_step="use lab-node, lab-ghost or lab-metal in a lab",
        )
    if kind == "machine" and node.bmc.media_transport:
        raise LabError(
            f"the installer of {node.model} opens no sealed seed",
            subject=node.name,
            next_step="media_transport: https, or lab-node or lab-ghost",
        )
    if kind != "ghost" and _starts_by_http(node):
        raise LabError(
            f"{node.model} has no network before its system runs, as UEFI HTTP boot needs",
            subject=node.name,
            next_step="another personality, or lab-ghost",
        )
    host, _, port = node.bmc.address.partition(":")
    return MachineSpec(
        name=node.name,
        kind=kind,
        model=node.model,
        bmc_address=host,
        bmc_port=int(port or HTTPS_PORT),
        bmc_mac=node.identity.bmc_mac,
        personality=node.bmc.personality or STANDARD.name,
        chassis_serial=node.identity.chassis_serial,
        system_uuid=node.identity.system_uuid,
        host_address=node.host.address,
        host_mac=node.host.mac,
        ssh_port=node.host.ssh_port,
        delays=delays,
        disks=int(model.os_disks.value) if model.os_disks else 1,
        tpm=model.tpm is not None,
    )


def spec_from_json(value: dict[str, object]) -> LabSpec:
    """Read what ``to_json`` wrote. LabError when it is something else."""
    try:
        fields = dict(value)
        image = fields.pop("image")
        machines = fields.pop("machines")
        if not isinstance(image, dict) or not isinstance(machines, list):
            raise TypeError("image or machines have the wrong shape")
        lists = {key: tuple(image[key]) for key in ("base", "packages")}
        return LabSpec(
            image=ImageSpec(**{**image, **lists}),
            machines=tuple(
                MachineSpec(**{**machine, "delays": Delays(**machine["delays"])})
                for machine in machines
            ),
            **fields,  # type: ignore[arg-type]
        )
    except (TypeError, KeyError) as error:
        raise LabError(f"the lab's state is of another version: {error}") from error
