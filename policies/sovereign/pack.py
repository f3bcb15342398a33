"""The sovereign pack: which rules it has, and that they fail closed.

A rule lives in a folder of its own, ``<rule>/rule.py``, and exports ``POLICY``; its
cases stand beside it in ``cases.yaml``. What must not live here: a rule, or anything
that starts a server when it is imported.

The SDK turns a mandatory policy into a mere warning when it meets a value that is
unknown at preview. For a sovereign site that is the wrong way round: what cannot be
told before metal moves is refused. ``policies`` therefore wraps each rule, and adds
to each finding the controls and the remedy, which the engine would not print.
"""

from __future__ import annotations

from collections.abc import Callable

from bmc_network_apart.rule import POLICY as BMC_NETWORK_APART
from install_by_generation.rule import POLICY as INSTALL_BY_GENERATION
from location_allowed.rule import POLICY as LOCATION_ALLOWED
from no_default_credentials.rule import POLICY as NO_DEFAULT_CREDENTIALS
from pulumi_policy import (
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

NAME = "sovereign"
"""Name of the pack in findings and records."""

RULES: tuple[ResourceValidationPolicy, ...] = (
    LOCATION_ALLOWED,
    BMC_NETWORK_APART,
    NO_DEFAULT_CREDENTIALS,
    INSTALL_BY_GENERATION,
)
"""Every rule of the pack, in the order of the documentation."""

Rule = Callable[[ResourceValidationArgs, ReportViolation], None]
"""What ``validate`` of a rule is."""


def footnote(policy: ResourceValidationPolicy) -> str:
    """Controls and remedy of ``policy`` as they follow each of its findings."""
    controls = "; ".join(tag.replace("/", " ") for tag in policy.tags or [])
    return f"\ncontrols: {controls}\nremedy: {policy.remediation_steps}"


def fail_closed(policy: ResourceValidationPolicy) -> Rule:
    """The rule of ``policy``, with an unknown value as a violation instead of a warning."""
    note = footnote(policy)

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        def with_note(message: str, urn: str | None = None) -> None:
            report(message + note, urn)

        try:
            policy.validate(args, with_note)
        except UnknownValueError as unknown:
            where = ".".join(unknown.props)
            with_note(f"{where} is not known before the change; pass it as a plain value")

    return validate


def policies() -> list[Policy]:
    """The rules as the engine runs them."""
    return [
        ResourceValidationPolicy(
            name=policy.name,
            description=policy.description,
            validate=fail_closed(policy),
            enforcement_level=policy.enforcement_level,
            severity=policy.severity,
            framework=policy.framework,
            tags=policy.tags,
            remediation_steps=policy.remediation_steps,
        )
        for policy in RULES
    ]
