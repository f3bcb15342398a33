"""Node models: what one machine measures, draws and holds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import Field, model_validator

from bloomery.catalogue.accelerator import Accelerator
from bloomery.catalogue.bmc_evidence import BmcEvidence
from bloomery.catalogue.figure import Entry, Figure, read_folder
from bloomery.catalogue.host_port import HcaMapping
from bloomery.catalogue.netbox import Made


class RackScale(Entry):
    """A rack that is bought, powered and cooled as one piece.

    Its machines are the compute trays: each has a BMC, a serial and an operating system of
    its own, so each is one row of ``machines.csv``. Power, peak and share of liquid are
    figures of the whole rack, NVLink switch trays, power shelves and fans included. A tray
    carries ``1 / trays`` of them, so that a full rack adds up to the vendor's figure. Rule
    M8 watches that a rack is full.
    """

    trays: Figure
    """Compute trays, and rows of ``machines.csv``, of one rack."""
    power_kw: Figure
    """Most the whole rack draws over time, kW."""
    peak_kw: Figure | None = None
    """Most the whole rack draws for moments, kW."""
    nvlink_trays: Figure | None = None
    """NVLink switch trays of the rack."""
    nvlink_tray: str = ""
    """Key of their ``RackPart``."""
    shelves: Figure | None = None
    """Power shelves of the rack."""
    shelf: str = ""
    """Key of their ``RackPart``."""
    shelf_kw: Figure | None = None
    """Rating of one power shelf, kW."""


class NodeModel(Made):
    """One model of machine: one row of ``machines.csv``."""

    key: str
    """Name a site orders it by, for example ``dgx-h100``."""
    title: str
    """Full product name."""
    virtual: Literal["guest", "ghost", "machine", "none"]
    """``none``: metal. ``machine``: the lab boots firmware and kernel. ``guest``: the lab boots an
    OS on its own kernel. ``ghost``: the lab answers for it."""
    height_u: Figure | None = None
    """Rack units it occupies."""
    power_kw: Figure | None = None
    """Nameplate power, kW: the most the vendor says it draws over time."""
    peak_kw: Figure | None = None
    """Most it draws for moments, kW; none where no source gives more than ``power_kw``."""
    liquid_share: Figure | None = None
    """Share of its heat that goes to liquid, 0 to 1; none: it is cooled by air."""
    weight_kg: Figure | None = None
    """Weight, kg."""
    rack: RackScale | None = None
    """The rack that its trays come in, for a rack-scale model."""
    asks: tuple[str, ...] = ()
    """Keys a pool of this model must give in ``site.yaml``: builds differ, or nothing is public."""
    gpus: Figure | None = None
    """Number of GPUs."""
    accelerator: Accelerator | None = None
    """Kind of its GPUs; none: it takes no software for any. A lab's models have the kind whose
    software they take, and no GPUs."""
    gpu_memory_gb: Figure | None = None
    """Memory of all its GPUs together, GB."""
    mig_per_gpu: Figure | None = None
    """Hardware slices (MIG) one GPU can be cut into; none where it cannot, or no source says."""
    peak_tflops_bf16: Figure | None = None
    """Dense BF16 peak of one GPU, TFLOP/s: without sparsity, never reached in practice."""
    alternates: tuple[str, ...] = ()
    """Models to order in its place when it is scarce; ``plan --substitute`` tries them."""
    compute_per_cage: Figure | None = None
    """Ports of the compute network in one of its cages; none: one port a cage."""
    psus: Figure | None = None
    """Number of power supplies."""
    psus_needed: Figure | None = None
    """Power supplies that must work for full load."""
    psu_kw: Figure | None = None
    """Rating of one power supply, kW."""
    hca_mapping: HcaMapping | None = None
    """Ports of its adapters as its operating system calls them; none: no source says it."""
    os_disks: Figure | None = None
    """Disks meant for the operating system; none: no source says it."""
    tpm: Figure | None = None
    """Version of its TPM; none where it has none, or no source says it."""
    bios: Mapping[str, str] = Field(default_factory=dict)
    """BIOS attributes wanted on every machine of this model; a pool may override them."""
    bmc: BmcEvidence = BmcEvidence()
    """What proves that its BMC does what an installation needs. Of a virtual model nothing stands
    here: its BMC is the lab's own."""
    secure_boot: Mapping[str, str] = Field(default_factory=dict)
    """BIOS attributes with which it enforces Secure Boot; empty where no source names them."""

    @property
    def height(self) -> int:
        """Rack units it occupies, as a whole number; 0 where the site must give it."""
        return int(self.height_u.value) if self.height_u else 0

    @property
    def unproven(self) -> str:
        """Why nothing proves that its BMC can be driven; empty where something does."""
        if self.virtual != "none" or not self.bmc.missing:
            return ""
        if not self.bmc.trees:
            return f"no recorded BMC tree stands for {self.key}"
        trees, missing = ", ".join(self.bmc.trees), ", ".join(self.bmc.missing)
        return f"the recorded BMC trees of {self.key} ({trees}) do not pass {missing}"

    @model_validator(mode="after")
    def _complete(self) -> NodeModel:
        known = {"height_u": self.height_u, "power_kw": self.power_kw or self.rack}
        gaps = [key for key, figure in known.items() if figure is None and key not in self.asks]
        if gaps:
            raise ValueError(f"{self.key}: neither a figure nor asked for: {', '.join(gaps)}")
        return self


@cache
def node_models() -> Mapping[str, NodeModel]:
    """All node models by key, sorted. Raises pydantic.ValidationError on bad data."""
    return {key: NodeModel.model_validate(data) for key, data in read_folder("nodes").items()}


def node_model(key: str) -> NodeModel:
    """The node model ``key``; KeyError where the catalogue has none."""
    return node_models()[key]
