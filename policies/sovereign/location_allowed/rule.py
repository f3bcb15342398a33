"""A site stands in a location that its law and contracts allow.

Reads ``country``, ``location`` and ``allowedLocations`` of the site. An allowed entry
is a location (``UA-kyiv``) or a whole country (``UA``). A list that allows nothing
refuses everything.
"""

from __future__ import annotations

from pulumi_policy import (
    EnforcementLevel,
    PolicyComplianceFramework,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

REMEDY = (
    "Move the site to an allowed location, or have the competent authority extend "
    "policy.allowed_locations in site.yaml by a reviewed change."
)


def location_allowed(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Report a site outside its allowed locations, or one that does not say where it is."""
    if args.resource_type != "bloomery:site:Site":
        args.not_applicable("only a site has a location")
    location = args.props.get("location") or ""
    country = args.props.get("country") or ""
    allowed = list(args.props.get("allowedLocations") or [])
    if not location or not country:
        report("the site does not say in which country and location it stands", None)
        return
    if location.partition("-")[0] != country:
        report(f"location {location} is not in country {country}", None)
    if location not in allowed and country not in allowed:
        report(f"location {location} is not one of {', '.join(allowed) or 'none'}", None)


POLICY = ResourceValidationPolicy(
    name="location-allowed",
    description="The site stands in a location that law and contract allow.",
    validate=location_allowed,
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    framework=PolicyComplianceFramework("NIST SP 800-53", "r5", "SA-9(5)"),
    tags=[
        "NIST SP 800-53/r5/SA-9(5)",
        "NIST SP 800-53/r5/CM-12",
        "BSI C5/2020/PSS-12",
        "BSI Grundschutz++/2026-07-29/ASST.3.10",
        "ISO 27001 Annex A/2022/5.14",
        "SecNumCloud/3.2/19.2",
    ],
    remediation_steps=REMEDY,
)
