"""Looking for faults in a chain, without network and without trust in the folder.

All faults are found at once, and each says which file and what. What was not looked for
(no history given, no anchored head) is told too: silence about it would read as a pass.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bloomery.errors import EvidenceError
from bloomery.evidence.canonical import sha256
from bloomery.evidence.chain import HEAD, Head, read_head, record_files, record_path
from bloomery.evidence.envelope import unwrap
from bloomery.evidence.history import UNDER_WAY, Update
from bloomery.evidence.measurement import FOLDER
from bloomery.evidence.plans import FOLDER as PLANS
from bloomery.evidence.plans import SUFFIX, kept_plan
from bloomery.evidence.record import Record, from_statement, overall


@dataclass(frozen=True)
class Finding:
    """One thing wrong with the evidence."""

    subject: str
    """File, or entry of the history."""
    reason: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.reason}"


@dataclass(frozen=True)
class Audit:
    """What a verification found."""

    records: tuple[Record, ...]
    """Records whose signature holds, in order."""
    findings: tuple[Finding, ...]
    unsealed: tuple[Update, ...]
    """Entries of the history that no record covers; each is a finding too."""
    not_looked_for: tuple[str, ...]
    """What could not be checked, and why."""
    head: Head | None = None
    empty: bool = False
    """Whether there is no record at all, sound or not."""

    @property
    def sound(self) -> bool:
        """Nothing is wrong with what was looked at, and there is something."""
        return not self.findings and bool(self.records)


def verify(
    evidence: Path,
    public_key: Ed25519PublicKey,
    *,
    history: tuple[Update, ...] | None = None,
    anchor: Head | None = None,
) -> Audit:
    """Verify the chain in ``evidence`` against a public key from elsewhere.

    ``history`` is the stack's own history, ``anchor`` a head kept elsewhere. Never raises
    for broken evidence: every fault is a finding.
    """
    findings: list[Finding] = []
    records, digests = _records(evidence, public_key, findings)
    if not digests:
        findings.append(Finding("records", "there are no records"))
    findings += _measurements(evidence, records)
    findings += _plans(evidence)
    findings += _claims(records)
    findings += _head(evidence, digests)
    findings += _anchor(anchor, digests)
    unsealed: tuple[Update, ...] = ()
    if history is not None:
        unsealed = _unsealed(history, records)
        findings += [Finding(str(entry), "not sealed") for entry in unsealed]
    gaps = []
    if history is None:
        gaps.append("unsealed updates: no history of the stack was given")
    if anchor is None:
        gaps.append("removal of the latest records: no head kept elsewhere was given")
    last = records[-1] if records else None
    head = (
        Head(last.site, last.sequence, digests.get(last.sequence, ""), last.sealed_at)
        if last
        else None
    )
    return Audit(records, tuple(findings), unsealed, tuple(gaps), head, empty=not digests)


def _records(
    evidence: Path, public_key: Ed25519PublicKey, findings: list[Finding]
) -> tuple[tuple[Record, ...], dict[int, str]]:
    """Records that hold, and the digest of every record file by number."""
    records: list[Record] = []
    digests: dict[int, str] = {}
    sites: set[str] = set()
    for path in record_files(evidence):
        number, last = int(path.stem), max(digests, default=0)
        for gap in range(last + 1, number):
            findings.append(Finding(record_path(evidence, gap).name, "the record is missing"))
        data = path.read_bytes()
        digests[number] = sha256(data)
        try:
            record = from_statement(unwrap(data, public_key))
        except EvidenceError as error:
            findings.append(Finding(path.name, error.reason))
            continue
        findings += _link(path.name, number, record, digests.get(number - 1, ""))
        sites.add(record.site)
        records.append(record)
    if len(sites) > 1:
        findings.append(Finding("records", f"records of several sites: {', '.join(sorted(sites))}"))
    return tuple(records), digests


def _link(name: str, number: int, record: Record, before: str) -> list[Finding]:
    """Whether the record stands where it says, and on the one before it."""
    findings = []
    if record.sequence != number:
        findings.append(Finding(name, f"contains record {record.sequence}: out of order"))
    if record.previous != before:
        findings.append(Finding(name, "does not follow the record before it"))
    return findings


def _measurements(evidence: Path, records: tuple[Record, ...]) -> list[Finding]:
    findings = []
    for record in records:
        for entry in record.measurements:
            path = evidence / FOLDER / entry.file
            if not path.is_file():
                findings.append(Finding(entry.file, f"missing; record {record.sequence} covers it"))
            elif sha256(path.read_bytes()) != entry.sha256:
                findings.append(
                    Finding(entry.file, f"differs from what record {record.sequence} covers")
                )
    covered = {entry.file for record in records for entry in record.measurements}
    for path in sorted((evidence / FOLDER).glob("[0-9]*.json")):
        if path.name not in covered:
            findings.append(Finding(path.name, "the measurement is not sealed"))
    return findings


def _plans(evidence: Path) -> list[Finding]:
    """Kept plans that do not bear their name out: the next change is compared with them."""
    findings = []
    for path in sorted((evidence / PLANS).glob(f"*{SUFFIX}")):
        try:
            kept_plan(evidence, path.name.removesuffix(SUFFIX))
        except EvidenceError as error:
            findings.append(Finding(path.name, error.reason))
    return findings


def _claims(records: tuple[Record, ...]) -> list[Finding]:
    """Records whose outcome is not what their own parts say, or that cover a thing twice."""
    findings = [
        Finding(
            f"{record.sequence:04d}.json", f"outcome {record.outcome.value} contradicts its parts"
        )
        for record in records
        if record.outcome is not overall(record.parts)
    ]
    counts = Counter(entry.key for record in records for entry in record.updates)
    for record in records:
        for entry in record.updates:
            if counts[entry.key] > 1:
                findings.append(Finding(f"{record.sequence:04d}.json", f"{entry} is sealed twice"))
    return findings


def _head(evidence: Path, digests: dict[int, str]) -> list[Finding]:
    try:
        head = read_head(evidence / HEAD)
    except EvidenceError as error:
        return [Finding(HEAD, error.reason)]
    if head is None:
        return [Finding(HEAD, "missing")] if digests else []
    return _anchor(head, digests, HEAD, newest=True)


def _anchor(
    anchor: Head | None, digests: dict[int, str], name: str = "anchor", *, newest: bool = False
) -> list[Finding]:
    if anchor is None:
        return []
    if anchor.sequence not in digests:
        return [Finding(name, f"names record {anchor.sequence}, which is missing")]
    if digests[anchor.sequence] != anchor.sha256:
        return [Finding(name, f"names a record {anchor.sequence} other than the one in the folder")]
    if newest and anchor.sequence != max(digests):
        return [Finding(name, f"names record {anchor.sequence}, which is not the newest")]
    return []


def _unsealed(history: tuple[Update, ...], records: tuple[Record, ...]) -> tuple[Update, ...]:
    left = Counter(entry.key for record in records for entry in record.updates)
    unsealed = []
    for entry in history:
        if left[entry.key]:
            left[entry.key] -= 1
        elif entry.result != UNDER_WAY:
            unsealed.append(entry)
    return tuple(unsealed)
