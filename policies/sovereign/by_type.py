"""Asks of a resource only the rules about its type.

The SDK runs every rule over every resource, and most rules are about one type: what they then
say, that they are not about it, is known before anybody asks. The engine is told the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, ResourceValidationPolicy, policy

Sdk: Any = policy._PolicyAnalyzerServicer
"""What answers the engine; the SDK has no other place where rules are chosen."""


class TypedPolicy(ResourceValidationPolicy):
    """A rule that says which resource types it is about."""

    def __init__(self, *, types: Collection[str], **given: Any) -> None:  # noqa: ANN401 - the SDK's
        super().__init__(**given)
        self.types = frozenset(types)


def other_type(kind: str) -> str:
    """Why a rule is not applicable to a resource of type ``kind``."""
    return f"not about {kind}"


class ByType(Sdk):  # type: ignore[misc]  # the SDK's class is private
    """The SDK's servicer, and beside it one per type with the rules about that type alone."""

    def __init__(
        self, name: str, version: str, policies: Sequence[TypedPolicy], *given: object
    ) -> None:
        super().__init__(name, version, policies, *given)
        self._policies = policies
        self._about = {
            kind: Sdk(name, version, [one for one in policies if kind in one.types], *given)
            for kind in sorted({kind for one in policies for kind in one.types})
        }
        self._apart: dict[str, analyzer_pb2.AnalyzeResponse] = {}

    def Analyze(self, request: analyzer_pb2.AnalyzeRequest, context: object) -> Any:  # noqa: ANN401, N802 - the SDK's
        """What the rules about the resource's type say, and that the others are not about it."""
        about = self._about.get(request.type)
        told = about.Analyze(request, context) if about else analyzer_pb2.AnalyzeResponse()
        if request.type not in self._apart:
            self._apart[request.type] = self._not_about(request.type)
        told.MergeFrom(self._apart[request.type])
        return told

    def Configure(self, request: Any, context: object) -> Any:  # noqa: ANN401, N802 - the SDK's
        """Take levels and settings of the rules, everywhere."""
        self._apart.clear()
        for one in self._about.values():
            one.Configure(request, context)
        return super().Configure(request, context)

    def ConfigureStack(self, request: Any, context: object) -> Any:  # noqa: ANN401, N802 - the SDK's
        """Take what is known of the stack, everywhere."""
        for one in self._about.values():
            one.ConfigureStack(request, context)
        return super().ConfigureStack(request, context)

    def _not_about(self, kind: str) -> analyzer_pb2.AnalyzeResponse:
        """Of a rule that is switched off nothing is said."""
        apart = (
            analyzer_pb2.PolicyNotApplicable(policy_name=one.name, reason=other_type(kind))
            for one in self._policies
            if kind not in one.types
            and self._get_enforcement_level(one) != EnforcementLevel.DISABLED
        )
        return analyzer_pb2.AnalyzeResponse(not_applicable=apart)


def ask_by_type() -> None:
    """Make the SDK answer so."""
    policy._PolicyAnalyzerServicer = ByType
