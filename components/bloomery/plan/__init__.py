"""What shall be: pure functions from a ``Site`` to one frozen ``Plan``.

``make_plan`` is deterministic to the byte. One file per noun; ``model`` holds the plan's
dataclasses, ``strides`` the places that must not move when a site grows.

What must not live here: I/O, clocks, randomness, secrets, judgement (that is ``check``).
"""

from __future__ import annotations

from bloomery.plan.make import make_plan
from bloomery.plan.model import NodePlan, Plan, RackPlan, RunPlan

__all__ = ["NodePlan", "Plan", "RackPlan", "RunPlan", "make_plan"]
