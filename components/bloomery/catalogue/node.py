"""Node models: what one machine measures, draws and holds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import Field

from bloomery.catalogue.figure import Entry, Figure, read_folder


class NodeModel(Entry):
    """One model of machine."""

    key: str
    """Name a site orders it by, for example ``dgx-h100``."""
    title: str
    """Full product name."""
    virtual: Literal["guest", "ghost", "none"]
    """``none``: metal. ``guest``: the lab boots a real OS. ``ghost``: the lab answers for it."""
    height_u: Figure
    """Rack units it occupies."""
    power_kw: Figure
    """Nameplate power, kW: the most the vendor says it draws."""
    weight_kg: Figure | None = None
    """Weight, kg."""
    gpus: Figure | None = None
    """Number of GPUs."""
    gpu_memory_gb: Figure | None = None
    """Memory of all its GPUs together, GB."""
    mig_per_gpu: Figure | None = None
    """Hardware slices (MIG) one GPU can be cut into; none where it cannot, or no source says."""
    peak_tflops_bf16: Figure | None = None
    """Dense BF16 peak of one GPU, TFLOP/s: without sparsity, never reached in practice."""
    alternates: tuple[str, ...] = ()
    """Models that may be ordered in its place when it is scarce; ``plan`` checks whether they fit."""
    psus: Figure | None = None
    """Number of power supplies."""
    psus_needed: Figure | None = None
    """Power supplies that must work for full load."""
    psu_kw: Figure | None = None
    """Rating of one power supply, kW."""
    bios: Mapping[str, str] = Field(default_factory=dict)
    """BIOS attributes wanted on every machine of this model; a pool may override them."""

    @property
    def height(self) -> int:
        """Rack units it occupies, as a whole number."""
        return int(self.height_u.value)


@cache
def node_models() -> Mapping[str, NodeModel]:
    """All node models by key, sorted. Raises pydantic.ValidationError on bad data."""
    return {key: NodeModel.model_validate(data) for key, data in read_folder("nodes").items()}


def node_model(key: str) -> NodeModel:
    """The node model ``key``; KeyError where the catalogue has none."""
    return node_models()[key]
