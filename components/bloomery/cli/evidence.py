"""``bloomery evidence``: run the policies, seal updates and measurements, verify the records."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from rich.console import Console
from rich.table import Table
from rich.text import Text
from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]  # public by its docs

from bloomery.cli.evidence_sources import Place, facts, place, stack_history
from bloomery.cli.notes import console
from bloomery.cli.policy_packs import run_policies
from bloomery.errors import BloomeryError, InputError
from bloomery.evidence import Audit, Head, PolicyReport, seal, verify
from bloomery.evidence.chain import HEAD, PUBLIC_KEY, RECORDS, read_chain, read_head
from bloomery.evidence.envelope import load_public_key
from bloomery.evidence.history import Update, read_history
from bloomery.evidence.record import Record
from bloomery.records import Outcome
from bloomery.trust.keys import signing_key
from bloomery.trust.secret import open_secret

app = typer.Typer(no_args_is_help=True)

PACK = "sovereign"
"""Policy pack that is run where none is named."""

LOOK = {
    Outcome.PASS: ("pass", "green"),
    Outcome.FAIL: ("fail", "bold red"),
    Outcome.NOT_MEASURED: ("not measured", "yellow"),
}
"""Word and style of each outcome, the same in every table."""

SiteArgument = Annotated[str, typer.Argument(help="Name of a site, or its directory.")]


def shown(outcome: Outcome) -> Text:
    """An outcome as a coloured word."""
    return Text(*LOOK[outcome])


@app.command("policy")
def policy_command(
    site: SiteArgument,
    pack: Annotated[str, typer.Option(help="Name or folder of a policy pack.")] = PACK,
) -> None:
    """Preview the stack with a policy pack, and keep its report for the next record.

    Exit code 1 when a mandatory rule reported a finding, or the preview failed.
    """
    check_policies(site, os.environ, console(), pack)


def check_policies(
    site: str, env: Mapping[str, str], out: Console | None = None, pack: str = PACK
) -> PolicyReport:
    """Run the policies and keep their report. Raises BloomeryError when they refuse the plan."""
    said = run_policies(place(site, env), pack)
    report, screen = said.report, out or console()
    print_policies(screen, report)
    screen.print(said.score, soft_wrap=True)
    if report.outcome is Outcome.FAIL:
        failed = [rule.rule for rule in report.rules if rule.outcome is Outcome.FAIL]
        raise BloomeryError(
            f"the plan violates mandatory policies: {', '.join(failed)}",
            subject=site,
            next_step="follow the remedy of each finding above",
        )
    if said.code:
        raise BloomeryError("the preview failed, so no policy was evaluated", subject=site)
    return report


@app.command("seal")
def seal_command(site: SiteArgument) -> None:
    """Sign a record of every update and measurement that no record covers yet."""
    head, added, record = seal_site(site, os.environ)
    out = console()
    if not added:
        out.print(f"nothing new since record {head.sequence} of {head.sealed_at}")
        return
    out.print(Text.assemble(f"record {head.sequence}: ", shown(record.outcome)))
    for part in record.parts:
        out.print(Text.assemble(f"  {part.name}: ", shown(part.outcome), f"  {part.reason}"))
    out.print(f"head {head.sha256}", soft_wrap=True)


def seal_site(site: str, env: Mapping[str, str]) -> tuple[Head, bool, Record]:
    """Seal a site. Returns the head, whether a record was added, and the newest record."""
    at = place(site, env)
    key = signing_key(open_secret(at.state.secret), at.name)
    head, added = seal(
        at.state.evidence,
        facts(at),
        signer=CryptoSigner(key),
        public_key=key.public_key(),
        now=datetime.datetime.now(datetime.UTC),
    )
    return head, added, read_chain(at.state.evidence, key.public_key())[0][-1]


@app.command("verify")
def verify_command(
    site: Annotated[str, typer.Argument(help="Name of a site, or a copied evidence folder.")],
    history: Annotated[
        Path | None, typer.Option(help="Output of pulumi stack history --json --page-size 0.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Public key of the site, PEM.")] = None,
    anchor: Annotated[
        Path | None, typer.Option(help="Copy of head.json kept outside the folder.")
    ] = None,
) -> None:
    """Verify the chain of records. Exit code 1 when a fault is found.

    For a site, the key comes from its secret and the history from its stack. For a copied
    folder, both are options, and only files are read.
    """
    entries = read_history(history) if history else None
    kept = read_head(anchor) if anchor else None
    if anchor and kept is None:
        raise InputError("no such file", subject=str(anchor))
    if (Path(site) / RECORDS).is_dir():
        public_key, whence = _key_of_folder(Path(site), key)
        audit = verify(Path(site), public_key, history=entries, anchor=kept)
    else:
        at = place(site, os.environ)
        audit, whence = audit_site(at, console(), key=key, history=entries, anchor=kept)
    print_audit(console(), audit, whence)
    if not audit.sound:
        raise typer.Exit(1)


def verify_site(site: str, env: Mapping[str, str], out: Console | None = None) -> bool:
    """Verify a site against its own secret and stack, and print what was found."""
    screen = out or console()
    audit, whence = audit_site(place(site, env), screen)
    print_audit(screen, audit, whence)
    return audit.sound


def audit_site(
    at: Place,
    out: Console,
    *,
    key: Path | None = None,
    history: tuple[Update, ...] | None = None,
    anchor: Head | None = None,
) -> tuple[Audit, str]:
    """The audit of a site, and where the public key came from."""
    public_key, whence = _key_of_site(at, key)
    entries = history if history is not None else _history_or_none(at, out)
    return verify(at.state.evidence, public_key, history=entries, anchor=anchor), whence


def _key_of_folder(folder: Path, key: Path | None) -> tuple[Ed25519PublicKey, str]:
    path = key or folder / PUBLIC_KEY
    if not path.is_file():
        raise BloomeryError(
            "no public key", subject=str(path), next_step="give the site's public key with --key"
        )
    whence = (
        f"key {path}"
        if key
        else "key from the folder itself, which does not authenticate the records: use --key"
    )
    return load_public_key(path.read_bytes(), str(path)), whence


def _key_of_site(at: Place, key: Path | None) -> tuple[Ed25519PublicKey, str]:
    if key:
        return load_public_key(key.read_bytes(), str(key)), f"key {key}"
    return signing_key(open_secret(at.state.secret), at.name).public_key(), "key of the site secret"


def _history_or_none(at: Place, out: Console) -> tuple[Update, ...] | None:
    """History of the stack; None, told aloud, where the engine cannot say."""
    try:
        return stack_history(at)
    except BloomeryError as error:
        out.print(f"[yellow]{error}[/]")
        return None


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, box=None, title_justify="left", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column)
    return table


def print_policies(out: Console, report: PolicyReport) -> None:
    """What each rule said, with the controls it rests on."""
    title = f"Policies on plan {report.plan_digest[:12] or 'unknown'}"
    table = _table(title, "rule", "outcome", "controls", "result")
    for rule in report.rules:
        controls = ", ".join(f"{c.framework} {c.id}" for c in rule.controls[:2])
        seen = rule.reason or f"{len(rule.passed)} passed"
        table.add_row(rule.rule, shown(rule.outcome), controls, seen)
    out.print(table)


def print_audit(out: Console, audit: Audit, whence: str) -> None:
    """The records as a table, then everything that is wrong."""
    table = _table("Records", "record", "sealed", "outcome", "updates", "measured", "commit")
    for record in audit.records:
        who = record.provenance
        commit = f"{who.commit[:10]}{'+' if who.commit and who.dirty else ''}" or "not measured"
        counts = str(len(record.updates)), str(len(record.measurements))
        table.add_row(
            str(record.sequence), record.sealed_at, shown(record.outcome), *counts, commit
        )
    out.print(table)
    for finding in audit.findings:
        out.print(Text.assemble(("fault  ", "bold red"), str(finding)))
    for gap in audit.not_looked_for:
        out.print(Text.assemble(("not checked  ", "yellow"), gap))
    if audit.unsealed:
        out.print(
            f"updates of the stack not sealed: {len(audit.unsealed)}; run bloomery evidence seal"
        )
    words = ("verified", "green") if audit.sound else ("not verified", "bold red")
    out.print(Text.assemble("evidence ", words, f"  ({whence})"))
    if audit.head and audit.sound:
        out.print(f"{HEAD}: record {audit.head.sequence} {audit.head.sha256}", soft_wrap=True)
