"""A machine is wiped and installed only by raising its install generation.

So a node says which generation is wanted, proves who it is by all three identities, does
not hide the generation from the engine, and is not wiped as a side effect of a delete
unless it is protected (then taking the protection off is the reviewed change).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyComplianceFramework,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

REMEDY = (
    "State install_generation as a whole number from 1 and raise it by a reviewed change "
    "when a machine shall be installed anew; give MAC, serial and UUID in machines.csv; "
    "set on_delete to release or power-off, or protect the nodes."
)

IDENTITIES = ("bmcMac", "chassisSerial", "systemUuid")
"""All three must be proven before anything on a machine is destroyed."""

ON_DELETE = ("release", "power-off", "wipe")
"""What can happen to a machine that leaves the stack."""


def _generation(props: Mapping[str, Any], report: ReportViolation) -> None:
    wanted = props.get("installGeneration")
    if not isinstance(wanted, (int, float)) or wanted != int(wanted) or wanted < 1:
        report(f"installGeneration is {wanted}, not a whole number from 1", None)


def _identity(props: Mapping[str, Any], report: ReportViolation) -> None:
    identity = props.get("identity") or {}
    missing = [name for name in IDENTITIES if not identity.get(name)]
    if missing:
        report(f"identity lacks {', '.join(missing)}: an install could hit another machine", None)


def install_by_generation(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Report any way to an installation other than a higher generation."""
    if args.resource_type != "bloomery:metal:Node":
        args.not_applicable("only machines are installed")
    _generation(args.props, report)
    _identity(args.props, report)
    if "installGeneration" in args.opts.ignore_changes:
        report("installGeneration is in ignoreChanges, so what is reviewed is not what runs", None)
    on_delete = args.props.get("onDelete")
    if on_delete not in ON_DELETE:
        report(f"onDelete is {on_delete}, not one of {', '.join(ON_DELETE)}", None)
    if on_delete == "wipe" and not args.opts.protect:
        report("onDelete is wipe and the machine is not protected: a delete would wipe it", None)


POLICY = ResourceValidationPolicy(
    name="install-by-generation",
    description="A machine is wiped and installed only by raising its install generation.",
    validate=install_by_generation,
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    framework=PolicyComplianceFramework("NIST SP 800-53", "r5", "CM-5"),
    tags=[
        "NIST SP 800-53/r5/CM-3(2)",
        "NIST SP 800-53/r5/CM-5",
        "BSI C5/2020/DEV-03",
        "BSI Grundschutz++/2026-07-29/KONF.2.5",
        "ISO 27001 Annex A/2022/8.32",
        "SecNumCloud/3.2/12.2",
    ],
    remediation_steps=REMEDY,
)
