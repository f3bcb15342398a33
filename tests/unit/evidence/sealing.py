"""A small site's evidence, built the way the provider and the engine write theirs."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from bloomery.evidence import Facts, Head, PolicyReport, PolicyRule, Provenance, seal
from bloomery.evidence.history import Update, parse_history
from bloomery.evidence.measurement import read_measurements
from bloomery.records import Attachment, Observation, Outcome, Verdict

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
DIGEST = "ab" * 32
START = datetime.datetime(2026, 11, 21, 9, 0, tzinfo=datetime.UTC)
KNOWN = Provenance("c0ffee" * 6 + "c0ff", "A. Author <author@example.org>", "operator", dirty=False)

RECAP = Attachment("converged", "Configuration", ("host", "base"), (("n1", "2 of 9"),))


def at(minutes: float) -> datetime.datetime:
    """A moment after the start of the scene."""
    return START + datetime.timedelta(minutes=minutes)


def entry(minutes: float, result: str = "succeeded", kind: str = "update", **changes: int) -> dict:
    """One entry as the engine prints it."""
    return {
        "version": 0,
        "kind": kind,
        "startTime": at(minutes).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "message": "",
        "environment": {"exec.kind": "cli"},
        "config": {},
        "result": result,
        "endTime": at(minutes + 5).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "resourceChanges": changes or {"create": 9},
    }


def updates(*entries: dict) -> tuple[Update, ...]:
    """The engine lists the newest first."""
    return parse_history(json.dumps(entries[::-1]))


def verdict(subject: str, outcome: Outcome = Outcome.PASS, reason: str = "") -> Verdict:
    seen = Observation(subject, "ssh.reachable", outcome is Outcome.PASS)
    return Verdict("acceptance.reachable", subject, outcome, reason, "answers ssh", seen)


def measure(evidence: Path, minutes: float, *verdicts: Verdict, plan: str = DIGEST) -> Path:
    """Write a measurement as the Acceptance resource does."""
    folder = evidence / "measurements"
    folder.mkdir(parents=True, exist_ok=True)
    body = {
        "schema": 2,
        "site": "lab",
        "time": at(minutes).isoformat(timespec="milliseconds"),
        "plan_digest": plan,
        "verdicts": [v.as_dict() for v in verdicts or (verdict("n1"), verdict("n2"))],
        "attachments": [RECAP.as_dict()],
    }
    text = json.dumps(body, indent=1, sort_keys=True) + "\n"
    number = 1 + len(list(folder.glob("*.json")))
    path = folder / f"{number:04d}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.json"
    path.write_text(text)
    return path


def policy(outcome: Outcome = Outcome.PASS, plan: str = DIGEST, minutes: float = 0) -> PolicyReport:
    rule = PolicyRule(
        "sovereign", "location-allowed", outcome=outcome, reason="", passed=("Site lab",)
    )
    return PolicyReport("lab", at(minutes).isoformat(), plan, True, {"sovereign": "0.1.0"}, (rule,))


def facts(evidence: Path, history: tuple[Update, ...] | None, **changes: object) -> Facts:
    """Good facts, with the measurements that are there."""
    made = Facts("lab", DIGEST, KNOWN, history, read_measurements(evidence), policy())
    return replace(made, **changes)


def sealed(evidence: Path, found: Facts, minutes: float = 60) -> tuple[Head, bool]:
    """Seal with the site's key."""
    return seal(
        evidence, found, signer=CryptoSigner(KEY), public_key=KEY.public_key(), now=at(minutes)
    )
