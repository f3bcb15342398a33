"""No machine keeps the BMC password it left the factory with, and none is in the inputs.

On the site: ``bmcCredentials`` is ``derived`` (from the site secret). On a node: the key
epoch is a whole number from 1, and nothing in its inputs looks like a password.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    "Set trust.bmc_credentials: derived in site.yaml, so that each BMC gets a password of its "
    "own from the site secret, and take every password out of the inputs."
)

SECRET_WORDS = ("password", "passwd", "passphrase", "secret", "privatekey")
"""Parts of a key's name that give a credential away, lower case, without separators."""


def _secret_paths(value: object, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            name = str(key).lower().replace("_", "").replace("-", "")
            where = f"{path}.{key}" if path else str(key)
            if any(word in name for word in SECRET_WORDS):
                yield where
            else:
                yield from _secret_paths(inner, where)


def _node(props: Mapping[str, Any], report: ReportViolation) -> None:
    epoch = props.get("keyEpoch")
    if not isinstance(epoch, (int, float)) or epoch != int(epoch) or epoch < 1:
        report(f"keyEpoch is {epoch}: the BMC password would not be derived", None)
    for path in _secret_paths(props, ""):
        report(f"{path} puts a credential into the inputs, and so into state and plan", None)


def no_default_credentials(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Report factory credentials left in force, or credentials in plain inputs."""
    if args.resource_type == "bloomery:site:Site":
        mode = args.props.get("bmcCredentials") or "not given"
        if mode != "derived":
            report(f"bmcCredentials is {mode}, not derived from the site secret", None)
    elif args.resource_type == "bloomery:metal:Node":
        _node(args.props, report)
    else:
        args.not_applicable("neither a site nor a machine")


POLICY = ResourceValidationPolicy(
    name="no-default-credentials",
    description="No BMC keeps its factory password, and no password is in the inputs.",
    validate=no_default_credentials,
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    framework=PolicyComplianceFramework("NIST SP 800-53", "r5", "IA-5"),
    tags=[
        "NIST SP 800-53/r5/IA-5",
        "NIST SP 800-53/r5/IA-5(7)",
        "NIST SP 800-53/r5/SC-12",
        "BSI C5/2020/IDM-08",
        "BSI Grundschutz++/2026-07-29/BER.7.10",
        "ISO 27001 Annex A/2022/5.17",
        "SecNumCloud/3.2/10.5",
    ],
    remediation_steps=REMEDY,
)
