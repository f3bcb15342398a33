"""Every vendor of accelerators there is."""

from __future__ import annotations

from collections.abc import Mapping

from bloomery.plan.software.accelerator import Fills
from bloomery.plan.software.amd import AMD
from bloomery.plan.software.nvidia import NVIDIA

VENDORS: Mapping[str, Fills] = {NVIDIA.name: NVIDIA, AMD.name: AMD}
"""Vendor of a model's accelerator -> its software."""
