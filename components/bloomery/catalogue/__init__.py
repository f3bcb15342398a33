"""What can be bought: node models and releases, as YAML data with a source for every figure.

``node_model(key)`` and ``release(name)`` read ``data/``. A wrong figure is corrected in
the YAML file, never in code.

What must not live here: choices of a site, derived values, vendor behaviour.
"""

from __future__ import annotations

from bloomery.catalogue.figure import Figure
from bloomery.catalogue.node import NodeModel, node_model, node_models
from bloomery.catalogue.release import Release, release, releases

__all__ = [
    "Figure",
    "NodeModel",
    "Release",
    "node_model",
    "node_models",
    "release",
    "releases",
]
