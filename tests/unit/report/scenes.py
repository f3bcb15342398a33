"""Sites in the states a page must show, written to disk the way the provider writes them."""

from __future__ import annotations

import datetime
import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from bloomery.evidence import Facts, Provenance, from_events, seal, verify
from bloomery.evidence.history import parse_history
from bloomery.evidence.measurement import read_measurements
from bloomery.evidence.policy import PolicyReport, parse_pack
from bloomery.plan import make_plan
from bloomery.plan.model import Plan, RunPlan
from bloomery.records import Attachment, Observation, Outcome, Verdict
from bloomery.report.gather import gather
from bloomery.report.view import PHASES, View
from bloomery.site import load

REPO = Path(__file__).resolve().parents[3]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
START = datetime.datetime(2026, 11, 21, 9, 4, 11, tzinfo=datetime.UTC)
SECONDS = dict(zip(PHASES, (5, 3, 9, 21, 7, 95, 38, 6), strict=True))
NONCE = "kestrel-7f31c2"


@dataclass
class Scene:
    """One site's state directory, and what is to be done to it."""

    folder: Path
    plan: Plan
    stuck: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    """Node -> phase, reason, next step."""

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    @property
    def evidence(self) -> Path:
        return self.folder / "evidence"

    def bring_up(self, minutes: float = 0, only: tuple[str, ...] = ()) -> None:
        """Write every machine's journal; stuck ones end where they stick."""
        dice = random.Random(minutes)
        for number, node in enumerate(self.plan.metal.nodes):
            if not only or node.name in only:
                begin = START + datetime.timedelta(minutes=minutes, seconds=number * 0.4)
                self._journal(node.name, begin, dice)

    def _journal(self, name: str, t: datetime.datetime, dice: random.Random) -> None:
        self.journal.mkdir(parents=True, exist_ok=True)
        until, reason, next_step = self.stuck.get(name, ("", "", ""))
        with (self.journal / f"{name}.jsonl").open("a") as file:

            def write(phase: str, event: str, reason: str = "", next_step: str = "") -> None:
                line = {"t": t.isoformat(timespec="milliseconds"), "subject": name, "phase": phase}
                said = {"event": event, "reason": reason, "next": next_step, "data": {}}
                file.write(json.dumps({**line, **said}) + "\n")

            for phase in PHASES:
                write(phase, "begin")
                t += datetime.timedelta(seconds=SECONDS[phase] * dice.uniform(0.8, 1.4))
                if phase == until:
                    t += datetime.timedelta(seconds=120)
                    write(phase, "stuck", reason, next_step)
                    return
                write(phase, "done")
                t += datetime.timedelta(seconds=0.2)

    def measure(
        self,
        minutes: float,
        *,
        served: str = f"The acceptance code is {NONCE}.",
        more: Sequence[Verdict] = (),
        tables: Sequence[Attachment] = (),
    ) -> None:
        """Write a measurement as the Acceptance resource does; ``more`` and ``tables`` are
        of kinds that no scene has.
        """
        folder = self.evidence / "measurements"
        folder.mkdir(parents=True, exist_ok=True)
        body = {
            "schema": 2,
            "site": self.plan.site.name,
            "time": (START + datetime.timedelta(minutes=minutes)).isoformat(),
            "plan_digest": self.plan.digest,
            "verdicts": [verdict.as_dict() for verdict in (*self._verdicts(served), *more)],
            "attachments": [table.as_dict() for table in (*self._tables(served), *tables)],
        }
        text = json.dumps(body, indent=1, sort_keys=True) + "\n"
        number = 1 + len(list(folder.glob("*.json")))
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        (folder / f"{number:04d}-{digest}.json").write_text(text)

    def _verdicts(self, served: str) -> list[Verdict]:
        made = [self._reachable(node.name) for node in self.plan.metal.nodes]
        made += [self._converged(run) for run in self.plan.runs]
        endpoint = self.plan.cluster.endpoint
        return [*made, self._nonce(endpoint, served)] if endpoint else made

    def _reachable(self, name: str) -> Verdict:
        phase, reason, next_step = self.stuck.get(name, ("", "", ""))
        seen = Observation(name, "ssh.reachable", not reason)
        outcome = Outcome.FAIL if reason else Outcome.PASS
        why = f"stuck in {phase}: {reason}; next: {next_step}" if reason else ""
        limit = "answers ssh with its derived host key"
        return Verdict("acceptance.reachable", name, outcome, why, limit, seen)

    def _converged(self, run: RunPlan) -> Verdict:
        left = [name for name in run.hosts if name in self.stuck]
        why = "; ".join(f"{name}: not brought up" for name in left)
        seen = Observation(run.name, "run.hosts_left", float(len(left)))
        outcome = Outcome.FAIL if left else Outcome.PASS
        return Verdict("acceptance.converged", run.name, outcome, why, "no host left", seen)

    @staticmethod
    def _nonce(endpoint: str, served: str) -> Verdict:
        good = NONCE in served
        outcome = Outcome.PASS if good else Outcome.FAIL if served else Outcome.NOT_MEASURED
        why = "" if good else "the answer does not contain the nonce: the server runs other weights"
        limit = "the answer contains the nonce of the last training run"
        seen = Observation(endpoint, "serving.answer", served) if served else None
        return Verdict("acceptance.nonce", endpoint, outcome, why, limit, seen)

    def _tables(self, served: str) -> list[Attachment]:
        hosts = sorted({host for run in self.plan.runs for host in run.hosts})
        rows = tuple((host, *(self._cell(run, host) for run in self.plan.runs)) for host in hosts)
        columns = ("host", *(run.name for run in self.plan.runs))
        recap = Attachment("converged", "Configuration", columns, rows, "What Ansible changed.")
        made = [recap] if self.plan.runs else []
        if not self.plan.cluster.endpoint:
            return made
        code = hashlib.sha256(NONCE.encode()).hexdigest()
        asked = ("asked at", "question", "answer", "SHA-256 of the code")
        answer = (self.plan.cluster.endpoint, "What is the acceptance code?", served, code)
        return [*made, Attachment("serving", "Served answer", asked, (answer,))]

    def _cell(self, run: RunPlan, host: str) -> str:
        if host not in run.hosts:
            return ""
        return "not brought up" if host in self.stuck else "12 of 41"

    def run_policies(self, **findings: str) -> PolicyReport:
        """Write policy.json from an event log; a finding per rule name (``_`` for ``-``)."""
        pack = parse_pack((REPO_PACK).read_bytes(), "0.1.0", "5e" * 32)
        site = f"urn:pulumi:s::ai-factory::bloomery:site:Site::{self.plan.site.name}"
        inputs = {"planDigest": self.plan.digest}
        events: list[dict] = [
            {
                "resourcePreEvent": {
                    "metadata": {"new": {"type": "bloomery:site:Site", "inputs": inputs}}
                }
            }
        ]
        names = {"policyPackName": "sovereign", "policyPackVersion": "0.1.0", "resourceUrn": site}
        for rule in pack.rules:
            said = findings.get(rule.rule.replace("-", "_"))
            if said:
                found = {"policyName": rule.rule, "enforcementLevel": "mandatory"}
                events.append({"policyEvent": {**names, **found, "message": said}})
            else:
                events.append({"policyAnalyzeSummaryEvent": {**names, "passed": [rule.rule]}})
        events.append({"summaryEvent": {"result": "failed" if findings else "succeeded"}})
        lines = [json.dumps(event) for event in events]
        name, time = self.plan.site.name, START.isoformat()
        report = from_events(lines, packs=(pack,), site=name, time=time)
        self.evidence.mkdir(parents=True, exist_ok=True)
        (self.evidence / "policy.json").write_text(json.dumps(report.as_dict()))
        return report

    def seal(self, minutes: float, *ups: tuple[float, str], policies: PolicyReport | None) -> None:
        """Seal; ``ups`` is the whole history as minutes and result."""
        seal(
            self.evidence,
            Facts(
                self.plan.site.name,
                self.plan.digest,
                Provenance("9c41e07d" * 5, "A. Author <author@example.org>", "operator", False),
                self.history(*ups),
                read_measurements(self.evidence),
                policies,
            ),
            signer=CryptoSigner(KEY),
            public_key=KEY.public_key(),
            now=START + datetime.timedelta(minutes=minutes),
        )

    @staticmethod
    def history(*ups: tuple[float, str]) -> tuple:
        entries = []
        for minutes, result in ups:
            start = START + datetime.timedelta(minutes=minutes)
            entries.append(
                {
                    "version": 0,
                    "kind": "update",
                    "startTime": start.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                    "result": result,
                    "resourceChanges": {"create": 9},
                }
            )
        return parse_history(json.dumps(entries))

    def view(self, *ups: tuple[float, str], minutes: float = 30) -> View:
        """What the page shows, with the audit of what was sealed."""
        audit = verify(self.evidence, KEY.public_key(), history=self.history(*ups) if ups else None)
        now = START + datetime.timedelta(minutes=minutes)
        found = audit if ups else None
        return gather(self.plan, journal=self.journal, evidence=self.evidence, audit=found, now=now)


REPO_PACK = Path(__file__).with_name("pack.json")
"""What the sovereign pack's describe.py prints; a test compares the two."""


def plan_of(site: str) -> Plan:
    return make_plan(load(REPO / "inventories" / site))


def good(folder: Path) -> View:
    """The lab, brought up and sealed."""
    scene = Scene(folder, plan_of("lab"))
    report = scene.run_policies()
    scene.bring_up()
    scene.measure(9)
    scene.seal(10, (-0.1, "succeeded"), policies=report)
    return scene.view((-0.1, "succeeded"))


def failed(folder: Path) -> View:
    """Half the lab stuck, the answer of old weights, another up after a broken record."""
    stuck = {
        "train-02": (
            "install",
            "no progress on the console for 900 s",
            "bloomery lab console train-02; then pulumi up",
        ),
        "serve-01": (
            "credentials",
            "the BMC locked the account for 300 s",
            "wait for the lock-out to end, then pulumi up",
        ),
    }
    scene = Scene(folder, plan_of("lab"), stuck)
    report = scene.run_policies(
        location_allowed="location UA-lab is not one of UA-kyiv, UA-lviv",
        no_default_credentials="bmcCredentials is factory, not derived from the site secret",
    )
    scene.bring_up()
    scene.measure(9, served="The acceptance code is heron-02aa91.")
    scene.seal(10, (-0.1, "failed"), policies=report)
    path = scene.evidence / "records" / "0001.json"
    path.write_bytes(path.read_bytes().replace(b'"payload":"eyJf', b'"payload":"eyJe'))
    return scene.view((-0.1, "failed"), (40, "succeeded"), minutes=50)


def many(folder: Path) -> View:
    """64 machines, three of them in trouble, repaired once."""
    stuck = {
        "b200-017": ("boot", "POST did not end within 1200 s", "reset the BMC, then pulumi up"),
        "b200-040": (
            "credentials",
            "the BMC locked the account",
            "wait for the lock-out to end, then pulumi up",
        ),
        "b200-003": ("reachable", "ssh is refused", "look at the console, then pulumi up"),
    }
    scene = Scene(folder, plan_of("example-64"), stuck)
    report = scene.run_policies()
    scene.bring_up()
    scene.measure(9)
    scene.seal(10, (-0.1, "failed"), policies=report)
    scene.stuck = {"b200-017": stuck["b200-017"]}
    scene.bring_up(95, only=tuple(stuck))
    scene.measure(104)
    scene.seal(105, (-0.1, "failed"), (94.9, "failed"), policies=report)
    return scene.view((-0.1, "failed"), (94.9, "failed"), minutes=110)


def empty(folder: Path) -> View:
    """A site nothing was done to."""
    return Scene(folder, plan_of("lab")).view()


def under_way(folder: Path) -> View:
    """A site in the middle of its first bring-up: no measurement, two machines far behind."""
    stuck = {"train-01": ("media", "", ""), "train-02": ("bios", "", "")}
    scene = Scene(folder, plan_of("lab"), stuck)
    scene.run_policies()
    scene.bring_up()
    for name in stuck:
        path = scene.journal / f"{name}.jsonl"
        path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    return scene.view(minutes=3)


SCENES = {"good": good, "failed": failed, "many": many, "empty": empty, "under-way": under_way}
