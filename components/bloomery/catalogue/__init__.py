"""Product figures as YAML data, with a source for every figure.

``node_model(key)`` and ``release(name)`` read ``data/``. A wrong figure is corrected in
the YAML file, never in code.

What must not live here: choices of a site, derived values, vendor behaviour.
"""

from __future__ import annotations

from bloomery.catalogue.cable import CableEnd, CableKind, cable_kinds
from bloomery.catalogue.figure import Figure
from bloomery.catalogue.node import NodeModel, node_model, node_models
from bloomery.catalogue.release import Release, release, release_names, releases
from bloomery.catalogue.switch import (
    FabricKind,
    PortMode,
    SwitchModel,
    switch_model,
    switch_models,
)

__all__ = [
    "CableEnd",
    "CableKind",
    "FabricKind",
    "Figure",
    "NodeModel",
    "PortMode",
    "Release",
    "SwitchModel",
    "cable_kinds",
    "node_model",
    "node_models",
    "release",
    "release_names",
    "releases",
    "switch_model",
    "switch_models",
]
