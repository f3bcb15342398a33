"""The kind of machine that software is solved for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from bloomery.catalogue import NodeModel, Release, node_model
from bloomery.catalogue.software import NodeMode
from bloomery.site.metal.sheet import Purpose

WORKING: tuple[Purpose, ...] = ("training", "serving")
"""Purposes of machines whose accelerators are used."""


@dataclass(frozen=True)
class Target:
    """Machines of one model, purpose and mode."""

    model: NodeModel
    purpose: Purpose
    mode: NodeMode = "bare-metal"
    scheduler: bool = True
    """Whether jobs come by Slurm."""


def targets(release: Release) -> Iterator[Target]:
    """Every kind of machine that ``release`` was put together for. Raises KeyError for a model
    that the catalogue has not."""
    for key in release.software.models if release.software else ():
        model = node_model(key)
        for purpose in WORKING if model.accelerator else ("management",):
            for mode in get_args(NodeMode):
                yield Target(model, purpose, mode)
