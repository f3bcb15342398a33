"""Power: which reset types are offered, and which of them does what is asked."""

from __future__ import annotations

from collections.abc import Sequence

from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish.protocol import PowerAction
from bloomery.drivers.redfish.tree import part, text, texts
from bloomery.drivers.redfish.wire import Resource, Wire
from bloomery.errors import Unsupported

SAME: dict[PowerAction, tuple[str, ...]] = {
    "On": ("On", "ForceOn"),
    "ForceOff": ("ForceOff", "Off"),
    "GracefulShutdown": ("GracefulShutdown",),
    "ForceRestart": ("ForceRestart", "PowerCycle"),
}
"""What is asked -> reset types that do it, best first."""

THERE_ALREADY = {"On": "On", "ForceOff": "Off", "GracefulShutdown": "Off"}
"""Power state in which an action has nothing to do."""

BMC_RESETS = ("GracefulRestart", "ForceRestart")
"""How to restart a BMC, best first."""

CONFLICT = 409

SYSTEM_RESET, MANAGER_RESET = "#ComputerSystem.Reset", "#Manager.Reset"


def offered(wire: Wire, owner: Resource, action: str) -> tuple[str, ...]:
    """Reset types of an action: listed with it, or by its ActionInfo; empty if not told."""
    found = part(owner.body, "Actions", action)
    listed = texts(found, "ResetType@Redfish.AllowableValues")
    info = text(found, "@Redfish.ActionInfo")
    if listed or not info:
        return listed
    try:
        parameters = wire.get(info).body.get("Parameters")
    except sushy_errors.HTTPError:
        return ()  # the action is there; which types, the BMC says when asked
    for one in parameters if isinstance(parameters, list) else ():
        if isinstance(one, dict) and one.get("Name") == "ResetType":
            return texts(one, "AllowableValues")
    return ()


def switch(wire: Wire, system: Resource, action: PowerAction) -> None:
    """Ask for a power change; that it is so already is no error."""
    kinds = offered(wire, system, SYSTEM_RESET)
    kind = next((one for one in SAME[action] if one in kinds), "" if kinds else action)
    if not kind:
        raise Unsupported(f"{action} is not offered, only {', '.join(kinds)}")
    try:
        wire.post(target(system, SYSTEM_RESET), {"ResetType": kind})
    except sushy_errors.HTTPError as error:
        there = THERE_ALREADY.get(action)
        if error.status_code != CONFLICT or wire.get(system.path).body.get("PowerState") != there:
            raise


def restart_bmc(wire: Wire, manager: Resource) -> None:
    """Restart the BMC."""
    kinds: Sequence[str] = offered(wire, manager, MANAGER_RESET) or BMC_RESETS
    kind = next((one for one in BMC_RESETS if one in kinds), None)
    if kind is None:
        raise Unsupported("the BMC cannot be restarted")
    wire.post(target(manager, MANAGER_RESET), {"ResetType": kind})


def target(owner: Resource, action: str) -> str:
    """Where an action is posted to. Raises Unsupported where it is not offered."""
    found = text(part(owner.body, "Actions", action), "target")
    if not found:
        raise Unsupported(f"{owner.path} offers no {action.removeprefix('#')}")
    return found
