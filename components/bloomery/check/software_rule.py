"""What the rules of software sets share: one rule judges one set by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bloomery.check.note import Severity
from bloomery.check.preconditions import Precondition
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import PackagePlan, Plan, RepositoryPlan, SoftwarePlan


@dataclass(frozen=True)
class SetRule:
    """A rule of one software set."""

    id: str
    title: str
    source: str
    findings: Callable[[SoftwarePlan], Iterable[Finding]]
    precondition: Precondition

    @property
    def rule(self) -> Rule:
        """The same over all sets of a plan."""

        def every(plan: Plan) -> Iterator[Finding]:
            return (found for one in plan.metal.software for found in self.findings(one))

        return Rule(self.id, self.title, self.source, every, (self.precondition,))


def finding(
    one: SoftwarePlan,
    value: str,
    limit: str,
    remedy: str,
    severity: Severity = Severity.ERROR,
    *,
    subject: str = "",
) -> Finding:
    """A finding on the set ``one``, or on ``subject`` where it is not the set's alone."""
    pools = f"software of pool {', '.join(one.pools)}" if one.pools else one.name
    return Finding(subject or pools, value, limit, remedy, severity=severity)


def upstream(version: str) -> str:
    """A Debian version without epoch and revision (Debian policy 5.6.12)."""
    plain = version.split(":", 1)[-1]
    return plain.rsplit("-", 1)[0]


def whole_driver(one: SoftwarePlan) -> str:
    """Version of its driver without Debian revision; empty where it has none."""
    return next((upstream(it.version) for it in one.packages if it.step == "driver"), "")


def named(one: SoftwarePlan, *patterns: str) -> Iterator[PackagePlan]:
    """Packages whose names fit one of the patterns."""
    return (it for it in one.packages if any(fnmatchcase(it.name, ptn) for ptn in patterns))


def excludes(repository: RepositoryPlan, name: str) -> bool:
    """Whether ``name`` must not come from ``repository``."""
    return any(fnmatchcase(name, pattern) for pattern in repository.exclude)
