"""The plan: pure functions from a ``Site`` to one frozen ``Plan``.

``make_plan`` is deterministic to the byte. One file per noun; ``model`` holds the plan's
dataclasses, ``strides`` the places that must not move when a site grows.

What must not live here: I/O, clocks, randomness, secrets, judgement (that is ``check``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bloomery.plan.model import NodePlan, Plan, RackPlan, RunPlan

if TYPE_CHECKING:
    from bloomery.plan.make import make_plan

__all__ = ["NodePlan", "Plan", "RackPlan", "RunPlan", "make_plan"]


def __getattr__(name: str) -> object:
    """``make_plan``, imported with site and catalogue when it is first asked for: who only reads
    a plan, as the provider does, starts in half the time.
    """
    if name == "make_plan":
        from bloomery.plan.make import make_plan

        return make_plan
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
