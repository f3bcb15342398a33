"""A machine is wiped and installed only by raising its install generation.

So a node says which generation is wanted, proves who it is by all three identities, does
not hide the generation from the engine, and is not wiped as a side effect of a delete
unless it is protected (then taking the protection off is the reviewed change).
"""

from __future__ import annotations

from collections.abc import Callable

from pulumi_policy import ResourceValidationArgs

Report = Callable[[str], None]

IDENTITIES = ("bmcMac", "chassisSerial", "systemUuid")
"""All three must be proven before anything on a machine is destroyed."""

ON_DELETE = ("release", "power-off", "wipe")
"""What can happen to a machine that leaves the stack."""


def node(args: ResourceValidationArgs, report: Report) -> None:
    """Any way to an installation other than a higher generation."""
    wanted = args.props.get("installGeneration")
    if not isinstance(wanted, (int, float)) or wanted != int(wanted) or wanted < 1:
        report(f"installGeneration is {wanted}, not a whole number from 1")
    identity = args.props.get("identity") or {}
    missing = [name for name in IDENTITIES if not identity.get(name)]
    if missing:
        report(f"identity lacks {', '.join(missing)}: an install could hit another machine")
    if "installGeneration" in args.opts.ignore_changes:
        report("installGeneration is in ignoreChanges, so what is reviewed is not what runs")
    on_delete = args.props.get("onDelete")
    if on_delete not in ON_DELETE:
        report(f"onDelete is {on_delete}, not one of {', '.join(ON_DELETE)}")
    if on_delete == "wipe" and not args.opts.protect:
        report("onDelete is wipe and the machine is not protected: a delete would wipe it")


JUDGES = {"bloomery:metal:Node": node}
