"""Print what the pack checks, as JSON: name, level, severity, controls and remedy of each rule.

The engine's event log names rules only; evidence and report join it with this list.
A tag reads ``framework/edition/id``, for example ``NIST SP 800-53/r5/SA-9(5)``.
"""

from __future__ import annotations

import json
import sys

from pack import NAME, RULES
from pulumi_policy import ResourceValidationPolicy


def control(tag: str) -> dict[str, str]:
    """One control from its tag. Raises ValueError for a tag that lacks a part."""
    framework, edition, name = tag.split("/")
    return {"framework": framework, "edition": edition, "id": name}


def entry(policy: ResourceValidationPolicy) -> dict[str, object]:
    """One rule as plain JSON."""
    level, severity = policy.enforcement_level, policy.severity
    return {
        "rule": policy.name,
        "description": policy.description,
        "level": level.value if level else "advisory",
        "severity": severity.value if severity else "",
        "remedy": policy.remediation_steps or "",
        "controls": [control(tag) for tag in policy.tags or []],
    }


def description() -> dict[str, object]:
    """The whole pack."""
    return {"pack": NAME, "rules": [entry(policy) for policy in RULES]}


if __name__ == "__main__":
    json.dump(description(), sys.stdout, indent=1)
    sys.stdout.write("\n")
