"""Which cables of a plan are one piece: what is bought, and what an inventory has, as one thing."""

from __future__ import annotations

from bloomery.plan.model import Cable, MediumPlan


def piece(cable: Cable, medium: MediumPlan | None) -> object:
    """Equal for cables that are one piece: copper is plugs and wire in one, and a cage of the upper
    switch holds one plug; of all other media each cable is a piece.
    """
    if medium is None or not medium.copper:
        return cable.id
    return cable.b_device, cage(cable.b_port)


def cage(port: str) -> str:
    """``p07`` of ``p07/2``."""
    return port.partition("/")[0]
