"""``bloomery site new``: from a workload and the limits of a place to a site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import typer
import yaml
from rich.console import Console

from bloomery.check import errors, review
from bloomery.cli.notes import EXIT_ERRORS, console
from bloomery.cli.proposal_tables import Tried, limits, proposals, sums
from bloomery.errors import FaultsError, InputError
from bloomery.plan import make_plan
from bloomery.plan.draft import Draft, draft
from bloomery.plan.proposal import Proposal
from bloomery.plan.propose import propose
from bloomery.site import MACHINES_FILE, SITE_FILE, load
from bloomery.site.draft.workload import Workload
from bloomery.site.draft.workload_load import load_workload
from bloomery.site.metal.delivery import delivery_template

AT_MOST = 3
"""Proposals that are shown in full: more is no choice."""


def propose_site(workload: Path, out: Path | None, choose: int) -> None:
    """Show up to three proposals for ``workload``; write number ``choose``, 0 for none, to ``out``.

    Raises FaultsError for a file at fault, InputError for a choice that cannot be written,
    typer.Exit with code 2 where nothing fits. Nothing is written then.
    """
    asked = load_workload(workload)
    shown = _tried(asked, propose(asked))
    screen = console()
    for table in (sums(shown), proposals(shown), limits(shown)):
        screen.print(table)
    if not shown[0].fits:
        screen.print("no candidate fits; nothing can be written")
        raise typer.Exit(EXIT_ERRORS)
    if not choose:
        screen.print("write one with --choose NUMBER --out DIR")
        return
    _write(screen, asked, workload, _chosen(shown, choose), out)


def _tried(asked: Workload, found: Sequence[Proposal]) -> tuple[Tried, ...]:
    """Up to three: those that fit and that every rule lets pass, then those that are refused."""
    fitting: list[Tried] = []
    refused: list[Tried] = []
    for proposal in found:
        if len(fitting) == AT_MOST:
            break
        tried = Tried(proposal) if proposal.refused else _try(asked, proposal)
        (fitting if tried.fits else refused).append(tried)
    return (*fitting, *refused)[:AT_MOST]


def _try(asked: Workload, proposal: Proposal) -> Tried:
    """The proposal as a site: loaded, planned, and held against every rule."""
    with TemporaryDirectory() as directory:
        _files(Path(directory), draft(asked, proposal), "")
        try:
            plan = make_plan(load(directory, draft=True))
        except FaultsError as error:
            faults = tuple(f"{it.path}: {it.reason}; {it.hint}" for it in error.faults)
            return Tried(replace(proposal, refused=faults))
    wrong = tuple(f"rule {it.id}, {it.subject}: {it.value}" for it in errors(review(plan)))
    return Tried(replace(proposal, refused=wrong), plan.storage.tiers)


def _chosen(shown: Sequence[Tried], choose: int) -> Proposal:
    if not 1 <= choose <= len(shown) or not shown[choose - 1].fits:
        fitting = ", ".join(str(at) for at, it in enumerate(shown, start=1) if it.fits)
        raise InputError(f"proposal {choose} does not fit", next_step=f"choose {fitting}")
    return shown[choose - 1].proposal


def _files(directory: Path, made: Draft, head: str) -> None:
    (directory / SITE_FILE).write_text(head + site_text(made), encoding="utf-8")
    (directory / MACHINES_FILE).write_text(delivery_template(made.places), encoding="utf-8")


class _Plain(yaml.SafeDumper):
    """Writes a value out wherever it stands: aliases are not read."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def site_text(made: Draft) -> str:
    """``site.yaml`` of a draft: one blank line between its sections."""
    sections = [
        yaml.dump({key: value}, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)
        for key, value in made.values.items()
    ]
    return "\n".join(sections)


def _write(
    screen: Console, asked: Workload, file: Path, chosen: Proposal, out: Path | None
) -> None:
    if out is None:
        raise InputError("no directory to write into", next_step="name it with --out DIR")
    if any((out / name).exists() for name in (SITE_FILE, MACHINES_FILE)):
        raise InputError(f"{out} holds a site already", next_step="name an empty directory")
    out.mkdir(parents=True, exist_ok=True)
    made = draft(asked, chosen)
    _files(out, made, _head(file, chosen))
    screen.print(
        f"{out}: written; {len(made.places)} machines without identity;"
        f" check it with  bloomery site check --draft {out}",
        soft_wrap=True,
        markup=False,
    )


def _head(file: Path, chosen: Proposal) -> str:
    jobs = "".join(
        f"#   {job.name}: {job.flop:.3g} FLOP{'' if job.purpose == 'training' else '/s'},"
        f" {job.nodes} machines, {job.gpus} GPUs\n"
        for job in chosen.jobs
    )
    return (
        f"# Proposed by `bloomery site new` from {file.name}, on {chosen.model.title}.\n"
        f"# Power {chosen.power_kw:g} kW, {chosen.all_racks} racks."
        f" Limiting: {chosen.limiting}.\n{jobs}"
        f"# {MACHINES_FILE} is to be completed with the identities of the delivered machines.\n\n"
    )
