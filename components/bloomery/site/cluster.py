"""What runs on the machines, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, field_validator

from bloomery.site.part import Part
from bloomery.site.wording import refuse
from bloomery.site.words import Name

RunName = Literal["base", "slurm", "train", "serve"]

NEEDS: Mapping[RunName, tuple[RunName, ...]] = {
    "base": (),
    "slurm": ("base",),
    "train": ("slurm",),
    "serve": ("base", "train"),
}
"""Run -> runs that must have converged before: the server serves what the training exported."""


class Cluster(Part):
    """What runs on the machines."""

    runs: tuple[RunName, ...] = Field(min_length=1, examples=["[base]"])
    port: int = Field(default=8000, ge=1, le=65535)
    """TCP port of the serving API."""
    model_name: Name = "tiny"
    """Name under which the trained model is served."""

    @field_validator("runs")
    @classmethod
    def _complete(cls, runs: tuple[RunName, ...]) -> tuple[RunName, ...]:
        if len(set(runs)) < len(runs):
            raise refuse("a run is listed twice", "list each run once")
        for run in runs:
            for needed in NEEDS[run]:
                if needed not in runs:
                    raise refuse(f"run {run!r} needs run {needed!r}", f"add {needed!r}")
        return runs


class Project(Part):
    """One tenant."""

    name: Name = Field(examples=["vision"])


class Cost(Part):
    """Prices and hours, all the site's own: nothing has a default."""
