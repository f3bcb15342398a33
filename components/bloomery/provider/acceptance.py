"""``bloomery:evidence:Acceptance``: last in the graph; measures, and fails the update.

Every node is asked again over ssh, every run's rest is counted, and the serving API
must answer with the nonce of the training run. The measurement is written whether it
passes or not; ``bloomery evidence seal`` signs it afterwards.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from bloomery.drivers.ssh.protocol import Login
from bloomery.errors import DeviceError, UnknownState
from bloomery.plan.wire import from_wire
from bloomery.provider.context import Context
from bloomery.provider.handler import Change, Checked, Found, InitFailed
from bloomery.provider.journal import utc_now
from bloomery.provider.playbook import RunHost
from bloomery.provider.values import UNKNOWN, Props, known, settled
from bloomery.records import Observation, Outcome, Verdict
from bloomery.trust.keys import host_key, login_key

PROBE_TIMEOUT = 10.0
"""Seconds for one ssh login."""


@dataclass(frozen=True)
class NodeState:
    """How a Node resource ended."""

    phase: str
    ready: bool
    reason: str
    next_step: str


@dataclass(frozen=True)
class RunState:
    """How a Run resource ended."""

    incomplete: tuple[str, ...]
    reasons: Mapping[str, str]
    results: Mapping[str, str]


@dataclass(frozen=True)
class AcceptanceInput:
    """Inputs of an Acceptance resource, all known."""

    plan_digest: str
    nodes: Mapping[str, NodeState]
    hosts: Mapping[str, RunHost]
    runs: Mapping[str, RunState] = field(default_factory=dict)
    endpoint: str = ""
    model_name: str = ""
    nonce: str = field(default="", repr=False)

    @classmethod
    def of(cls, news: Props) -> AcceptanceInput:
        """From wire properties. Raises ValueError naming what is missing or unknown.

        ``everyHost`` holds what is the same of all ``hosts``.
        """
        wire = settled(news)
        every, hosts = wire.get("everyHost"), wire.get("hosts")
        if isinstance(every, dict) and isinstance(hosts, dict):
            wire["hosts"] = {
                name: {**every, **host} if isinstance(host, dict) else host
                for name, host in hosts.items()
            }
        return from_wire(cls, wire)


class AcceptanceHandler:
    """Measures the site."""

    secrets: tuple[str, ...] = ("nonce",)

    def __init__(self, context: Context) -> None:
        self._context = context

    def check(self, news: Props) -> Checked:
        """All fields there and of their type."""
        if not known(news):
            return Checked(news)
        try:
            AcceptanceInput.of(news)
        except ValueError as error:
            return Checked(news, {"nodes": str(error)})
        return Checked(news)

    def diff(self, olds: Props, news: Props) -> Change:
        """Anything measured may have changed, or it did not pass."""
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
        verdicts = [*await self._nodes(wanted), *_runs(wanted)]
        answer = ""
        if wanted.endpoint:
            from bloomery.provider.serving import ask

            served, answer = await ask(wanted.endpoint, wanted.model_name, wanted.nonce)
            verdicts += served
        name = self._write(wanted, verdicts, answer)
        bad = [verdict for verdict in verdicts if verdict.outcome is not Outcome.PASS]
        outcome = (Outcome.FAIL if bad else Outcome.PASS).value
        passed = f"{len(verdicts) - len(bad)}/{len(verdicts)}"
        made: Props = {**news, "outcome": outcome, "measurement": name, "passed": passed}
        if bad:
            raise InitFailed(resource_id, news, made, _reasons(wanted, bad))
        return made

    async def _nodes(self, wanted: AcceptanceInput) -> list[Verdict]:
        return list(await asyncio.gather(*(self._node(wanted, name) for name in wanted.nodes)))

    async def _node(self, wanted: AcceptanceInput, name: str) -> Verdict:
        rule, limit = "acceptance.reachable", "answers ssh with its derived host key"
        host = wanted.hosts[name]
        login = self._login(host)
        try:
            said = await self._context.budgets.probe(
                lambda: self._context.probe(login, PROBE_TIMEOUT)
            )
        except (DeviceError, UnknownState) as error:
            state = wanted.nodes[name]
            reason = error.reason if state.ready else f"stuck in {state.phase}: {state.reason}"
            seen = Observation(name, "ssh.reachable", False)
            return Verdict(rule, name, Outcome.FAIL, reason, limit, seen)
        state = wanted.nodes[name]
        right = said.node == name and state.ready
        reason = "" if right else f"answers as {said.node}; stuck in {state.phase}: {state.reason}"
        seen = Observation(name, "ssh.reachable", True, source_time=utc_now().isoformat())
        return Verdict(rule, name, Outcome.PASS if right else Outcome.FAIL, reason, limit, seen)

    def _login(self, host: RunHost) -> Login:
        context = self._context
        return Login(
            address=host.address,
            port=host.ssh_port,
            user=host.user,
            host_key=host_key(context.secret, host.system_uuid, host.key_epoch).public,
            private_key=login_key(context.secret, context.site, host.key_epoch).private,
        )

    def _write(self, wanted: AcceptanceInput, verdicts: list[Verdict], answer: str) -> str:
        folder = self._context.state.evidence / "measurements"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        body = {
            "site": self._context.site,
            "time": utc_now().isoformat(timespec="milliseconds"),
            "plan_digest": wanted.plan_digest,
            "verdicts": [verdict.as_dict() for verdict in verdicts],
            "nodes": {name: _plain_node(state) for name, state in wanted.nodes.items()},
            "runs": {name: _plain_run(state) for name, state in wanted.runs.items()},
            "endpoint": wanted.endpoint,
            "answer": answer,
            "nonce_sha256": hashlib.sha256(wanted.nonce.encode()).hexdigest(),
        }
        text = json.dumps(body, indent=1, sort_keys=True) + "\n"
        taken = [int(path.name.partition("-")[0]) for path in folder.glob("[0-9]*-*.json")]
        sequence = 1 + max(taken, default=0)
        name = f"{sequence:04d}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.json"
        draft = folder / f".{name}"
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(folder / name)
        return name

    async def read(self, urn: str, resource_id: str, inputs: Props, props: Props) -> Found:
        """A measurement is a fact of the past: nothing to look at."""
        return Found(resource_id, inputs, props)

    async def delete(self, urn: str, resource_id: str, props: Props) -> None:
        """Measurements stay: they are evidence."""


def _plain_node(state: NodeState) -> dict[str, str | bool]:
    return {
        "phase": state.phase,
        "ready": state.ready,
        "reason": state.reason,
        "next": state.next_step,
    }


def _plain_run(state: RunState) -> dict[str, dict[str, int | str]]:
    plain: dict[str, dict[str, int | str]] = {}
    for host, text in state.results.items():
        counts: dict[str, int | str] = {
            key: int(number) for key, _, number in (part.partition("=") for part in text.split())
        }
        plain[host] = {**counts, "reason": state.reasons.get(host, "")}
    for host in state.incomplete:
        plain.setdefault(host, {"reason": state.reasons.get(host, "not converged")})
    return plain


def _runs(wanted: AcceptanceInput) -> list[Verdict]:
    verdicts = []
    for name, state in wanted.runs.items():
        left = ", ".join(state.incomplete)
        seen = Observation(name, "run.hosts_left", float(len(state.incomplete)))
        outcome = Outcome.FAIL if left else Outcome.PASS
        why = "; ".join(f"{host}: {state.reasons.get(host, '')}" for host in state.incomplete)
        verdicts.append(
            Verdict("acceptance.converged", f"run {name}", outcome, why, "no host left", seen)
        )
    return verdicts


def _reasons(wanted: AcceptanceInput, bad: list[Verdict]) -> list[str]:
    """One line per thing that is not well, with the next step where a node knows it."""
    lines = []
    for verdict in bad:
        state = wanted.nodes.get(verdict.subject)
        next_step = state.next_step if state and state.next_step else "pulumi up"
        what = verdict.outcome.value.replace("_", " ")
        lines.append(f"{verdict.subject}: {what}: {verdict.reason}; next: {next_step}")
    return lines
