"""``bloomery:ansible:Run``: one playbook on one group of hosts.

It converges the hosts that answer and lists the rest; host -> digest is kept, so the
next run touches only hosts whose digest changed or that were left out.
"""

from __future__ import annotations

import secrets as random
from collections.abc import Callable
from dataclasses import dataclass, field

from bloomery.drivers.ansible.content import content_digest
from bloomery.errors import BloomeryError
from bloomery.provider.context import Context
from bloomery.provider.drivers import ANSIBLE
from bloomery.provider.handler import Change, Checked, Found
from bloomery.provider.lock import subject_lock
from bloomery.provider.playbook import RunInput, job_of
from bloomery.provider.values import UNKNOWN, Props, Value, known
from bloomery.records import HostResult, RunResult

COMPARED = (
    "playbook",
    "groups",
    "hosts",
    "members",
    "reads",
    "vars",
    "hostVars",
    "given",
    "contentDigest",
    "derivedSecrets",
)
"""Inputs whose change is work; readiness alone is not, it only decides who can be reached."""

NONCE_BYTES = 8
"""Random bytes of a proof's nonce: guessing one by chance takes 2**64 tries."""


@dataclass(frozen=True)
class _Done:
    """What is known after a run."""

    digests: dict[str, str]
    results: dict[str, str]
    reasons: dict[str, str]
    outputs: dict[str, str]
    nonce: str = field(repr=False)


class RunHandler:
    """Runs playbooks through the Ansible driver."""

    secrets: tuple[str, ...] = ("nonce",)

    def __init__(self, context: Context) -> None:
        self._context = context

    def check(self, news: Props) -> Checked:
        """Fill in the digest of playbook and roles; all hosts of the groups are there."""
        try:
            digest = content_digest(str(news["playbook"]), ships=_list(news.get("ships")))
            filled: Props = {**news, "contentDigest": digest}
            if not known(filled):
                return Checked(filled)
            run = RunInput.of(filled)
        except (KeyError, ValueError, BloomeryError) as error:
            return Checked(news, {"playbook": str(error)})
        named = {name for group in run.groups.values() for name in group}
        missing = named - {*run.hosts, *run.members}
        failures = {"groups": f"no host {', '.join(sorted(missing))}"} if missing else {}
        return Checked(filled, failures)

    def diff(self, olds: Props, news: Props) -> Change:
        """Content, hosts or variables changed, or somebody was left out."""
        changed = [key for key in COMPARED if news.get(key) != olds.get(key)]
        if olds.get("incomplete"):
            changed.append("incomplete")
        return Change(tuple(changed))

    def expect(self, olds: Props, news: Props) -> Props:
        """How it ends is not known before."""
        names = ("digests", "results", "reasons", "incomplete", "outputs", "nonce")
        return {**news, **dict.fromkeys(names, UNKNOWN)}

    async def create(self, urn: str, news: Props) -> tuple[str, Props]:
        """Converge everybody."""
        return f"{self._context.site}/{news['name']}", await self._converge(urn, {}, news)

    async def update(self, urn: str, resource_id: str, olds: Props, news: Props) -> Props:
        """Converge those whose digest changed, and those left out before."""
        return await self._converge(urn, olds, news)

    async def _converge(self, urn: str, olds: Props, news: Props) -> Props:
        run = RunInput.of(news)
        before, blocked = _strings(olds.get("digests")), run.blocked()
        due = [name for name in run.hosts if before.get(name) != run.digest(name)]
        if run.proof:
            return await self._prove(urn, run, olds, news, blocked)
        todo = tuple(name for name in due if name not in blocked)
        kept = {name: digest for name, digest in before.items() if name not in due}
        result = await self._run(urn, run, todo, {})
        reasons = {name: why for name, why in blocked.items() if name in due}
        done = _Done(
            digests={**{n: d for n, d in kept.items() if n in run.hosts}, **_good(run, result)},
            results={**_strings(olds.get("results")), **_recap(result)},
            reasons={**reasons, **_bad(result, todo)},
            outputs={**_strings(olds.get("outputs")), **result.outputs},
            nonce="",
        )
        return _props(news, run, done)

    async def _prove(
        self, urn: str, run: RunInput, olds: Props, news: Props, blocked: dict[str, str]
    ) -> Props:
        """A proof runs on all its hosts or not at all, with a nonce nobody has seen."""
        if blocked:
            waiting = dict.fromkeys(run.hosts, "waits for the rest of the run") | blocked
            # Nothing ran, so what the last proof handed over is still what is there.
            kept = _strings(olds.get("outputs"))
            return _props(news, run, _Done({}, {}, waiting, kept, ""))
        nonce = random.token_hex(NONCE_BYTES).upper()
        result = await self._run(urn, run, tuple(run.hosts), {"nonce": nonce})
        bad = _bad(result, tuple(run.hosts))
        good = {} if bad else _good(run, result)
        done = _Done(good, _recap(result), bad, dict(result.outputs), "" if bad else nonce)
        return _props(news, run, done)

    async def _run(
        self, urn: str, run: RunInput, todo: tuple[str, ...], secret_vars: dict[str, str]
    ) -> RunResult:
        if not todo:
            return RunResult()
        async with (
            subject_lock(self._context.state.locks, f"run-{run.name}"),
            self._context.drivers.place(ANSIBLE),
        ):
            job = job_of(self._context, run, todo, secret_vars)
            await self._context.log.info(urn, f"{run.name}: converging {', '.join(todo)}")
            return await self._context.drivers.client(ANSIBLE)(job, self._teller(urn))

    def _teller(self, urn: str) -> Callable[[str], None]:
        tasks = self._context.tasks

        def tell(line: str) -> None:
            tasks.spawn(self._context.log.status(urn, line))

        return tell

    async def read(self, urn: str, resource_id: str, inputs: Props, props: Props) -> Found:
        """Ask Ansible what it would change; a host it would change has drifted."""
        if not props or not known(props):
            return Found(resource_id, inputs, props)
        run = RunInput.of(props)
        digests = _strings(props.get("digests"))
        if run.proof or not digests:
            return Found(resource_id, inputs, props)
        job = job_of(self._context, run, tuple(sorted(digests)), {}, check=True)
        async with self._context.drivers.place(ANSIBLE):
            result = await self._context.drivers.client(ANSIBLE)(job, self._teller(urn))
        drifted = {name: _drift(result.hosts.get(name)) for name in digests}
        found = {name: why for name, why in drifted.items() if why}
        kept: dict[str, Value] = {n: d for n, d in digests.items() if n not in found}
        reasons: dict[str, Value] = {**_strings(props.get("reasons")), **found}
        seen: Props = {**props, "digests": kept, "reasons": reasons}
        seen["incomplete"] = sorted({*_list(props.get("incomplete")), *found})  # type: ignore[assignment]
        return Found(resource_id, inputs, seen)

    async def delete(self, urn: str, resource_id: str, props: Props) -> None:
        """Software stays on hosts that are released."""


def _drift(result: HostResult | None) -> str:
    if result is None or result.unreachable:
        return "not reachable at refresh"
    if result.failed:
        return f"drifted: {result.failed_task or 'a task'} would fail: {result.reason}"
    return f"drifted: {result.changed} changes needed" if result.changed else ""


def _good(run: RunInput, result: RunResult) -> dict[str, str]:
    converged = [name for name, host in result.hosts.items() if host.converged]
    return {name: run.digest(name) for name in converged if name in run.hosts}


def _bad(result: RunResult, todo: tuple[str, ...]) -> dict[str, str]:
    why: dict[str, str] = {}
    for name in todo:
        host = result.hosts.get(name)
        if host is None:
            why[name] = "was not reached by the playbook"
        elif not host.converged:
            task = f"{host.failed_task}: " if host.failed_task else ""
            why[name] = f"{task}{host.reason or 'unreachable'}"
    return why


def _recap(result: RunResult) -> dict[str, str]:
    return {
        name: f"ok={h.ok} changed={h.changed} failed={h.failed} unreachable={h.unreachable}"
        for name, h in result.hosts.items()
    }


def _props(news: Props, run: RunInput, done: _Done) -> Props:
    incomplete = sorted(name for name in run.hosts if name not in done.digests)
    reasons = {name: done.reasons.get(name, "not converged") for name in incomplete}
    made: dict[str, object] = {
        "digests": done.digests,
        "results": {name: text for name, text in done.results.items() if name in run.hosts},
        "reasons": reasons,
        "incomplete": incomplete,
        "outputs": done.outputs,
        "nonce": done.nonce,
    }
    return {**news, **made}  # type: ignore[dict-item]


def _strings(value: Value) -> dict[str, str]:
    return {key: str(item) for key, item in value.items()} if isinstance(value, dict) else {}


def _list(value: Value) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
