"""``bloomery:evidence:Acceptance``: last in the graph; measures, and fails the update.

Every claim is measured, kind by kind. What was measured is written whether it passes or not;
``bloomery evidence seal`` signs it afterwards.
"""

from __future__ import annotations

import asyncio

from bloomery.provider.acceptance.claim import Measured, kinds, measure
from bloomery.provider.acceptance.inputs import AcceptanceInput
from bloomery.provider.acceptance.written import write_measurement
from bloomery.provider.context import Context
from bloomery.provider.handler import Change, Checked, Found, InitFailed
from bloomery.provider.values import UNKNOWN, Props, known
from bloomery.records import Outcome, Verdict


class AcceptanceHandler:
    """Measures the site."""

    secrets: tuple[str, ...] = ("secrets",)

    def __init__(self, context: Context) -> None:
        self._context = context

    def check(self, news: Props) -> Checked:
        """All fields there and of their type, and a way to measure every claim."""
        claims = news.get("claims")
        unknown = sorted(set(claims) - kinds()) if isinstance(claims, dict) else []
        if unknown:
            return Checked(news, {"claims": f"nothing measures claims of kind {unknown[0]!r}"})
        if not known(news):
            return Checked(news)
        try:
            AcceptanceInput.of(news)
        except ValueError as error:
            return Checked(news, {"claims": str(error)})
        return Checked(news)

    def diff(self, olds: Props, news: Props) -> Change:
        """Anything claimed may have changed, or it did not pass."""
        changed = [key for key in news if news[key] != olds.get(key)]
        if olds.get("outcome") != Outcome.PASS.value:
            changed.append("outcome")
        return Change(tuple(changed))

    def expect(self, olds: Props, news: Props) -> Props:
        """Measured means not known before."""
        return {**news, "outcome": UNKNOWN, "measurement": UNKNOWN, "passed": UNKNOWN}

    async def create(self, urn: str, news: Props) -> tuple[str, Props]:
        """Measure."""
        resource_id = f"{self._context.site}/acceptance"
        return resource_id, await self._measure(urn, resource_id, news)

    async def update(self, urn: str, resource_id: str, olds: Props, news: Props) -> Props:
        """Measure again."""
        return await self._measure(urn, resource_id, news)

    async def _measure(self, urn: str, resource_id: str, news: Props) -> Props:
        wanted = AcceptanceInput.of(news)
        await self._context.log.status(urn, "measuring")
        by_kind = wanted.by_kind()
        found = await asyncio.gather(
            *(measure(self._context, kind, claims) for kind, claims in by_kind.items())
        )
        made = Measured(
            tuple(verdict for one in found for verdict in one.verdicts),
            tuple(table for one in found for table in one.attachments),
        )
        name = write_measurement(self._context, wanted.plan_digest, made)
        bad = [verdict for verdict in made.verdicts if verdict.outcome is not Outcome.PASS]
        outcome = (Outcome.FAIL if bad or not made.verdicts else Outcome.PASS).value
        passed = f"{len(made.verdicts) - len(bad)}/{len(made.verdicts)}"
        props: Props = {**news, "outcome": outcome, "measurement": name, "passed": passed}
        if outcome != Outcome.PASS.value:
            raise InitFailed(resource_id, news, props, _reasons(bad))
        return props

    async def read(self, urn: str, resource_id: str, inputs: Props, props: Props) -> Found:
        """A measurement is a fact of the past: nothing to look at."""
        return Found(resource_id, inputs, props)

    async def delete(self, urn: str, resource_id: str, props: Props) -> None:
        """Measurements stay: they are evidence."""


def _reasons(bad: list[Verdict]) -> list[str]:
    """One line per thing that is not well, with the next step where its kind knows one."""
    if not bad:
        return ["no claims, so nothing was measured; next: add machines to the site"]
    lines = []
    for verdict in bad:
        what = verdict.outcome.value.replace("_", " ")
        next_step = "" if "; next: " in verdict.reason else "; next: pulumi up"
        lines.append(f"{verdict.subject}: {what}: {verdict.reason}{next_step}")
    return lines
