"""Claims of kind ``converged``: a run left no host behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bloomery.provider.acceptance.claim import Claim, Measured
from bloomery.provider.context import Context
from bloomery.records import Attachment, Observation, Outcome, Verdict

RULE = "acceptance.converged"


@dataclass(frozen=True)
class _Run:
    """Inputs of one claim: how a Run resource ended."""

    incomplete: tuple[str, ...]
    reasons: Mapping[str, str]
    results: Mapping[str, str]
    """Host -> Ansible's counts, ``ok=3 changed=1 failed=0 unreachable=0``."""


async def measure(context: Context, claims: Sequence[Claim]) -> Measured:
    """One verdict a run, and what Ansible did to each host."""
    runs = {claim.subject: claim.read(_Run) for claim in claims}
    verdicts = tuple(_verdict(name, run) for name, run in runs.items())
    return Measured(verdicts, (_recap(runs),))


def _verdict(name: str, run: _Run) -> Verdict:
    left = run.incomplete
    why = "; ".join(f"{host}: {run.reasons.get(host, 'not converged')}" for host in left)
    seen = Observation(name, "run.hosts_left", float(len(left)))
    return Verdict(RULE, name, Outcome.FAIL if left else Outcome.PASS, why, "no host left", seen)


def _recap(runs: Mapping[str, _Run]) -> Attachment:
    hosts = sorted({host for run in runs.values() for host in (*run.results, *run.incomplete)})
    return Attachment(
        kind="converged",
        title="Configuration",
        columns=("host", *(name.removeprefix("run ") for name in runs)),
        rows=tuple((host, *(_cell(run, host) for run in runs.values())) for host in hosts),
        note="What Ansible changed on each host, of all tasks that went well, when it last ran.",
    )


def _cell(run: _Run, host: str) -> str:
    counts = dict(part.split("=") for part in run.results.get(host, "").split())
    told = f"{counts['changed']} of {counts['ok']}" if counts.get("ok", "0") != "0" else ""
    if host not in run.incomplete:
        return told
    reason = run.reasons.get(host, "not converged")
    return f"{told}: {reason}" if told else reason
