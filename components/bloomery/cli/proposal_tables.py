"""Proposals as a person reads them: the sums, what is proposed, what limits each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from bloomery.plan.model import TierPlan
from bloomery.plan.proposal import Proposal
from bloomery.plan.workload import TERA, peak_of


@dataclass(frozen=True)
class Tried:
    """A proposal, and the storage of the site it was planned as; none where it never was."""

    proposal: Proposal
    tiers: tuple[TierPlan, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether neither a limit nor a rule refuses it."""
        return not self.proposal.refused


def _table(title: str, *columns: str) -> Table:
    """A table whose columns marked with a leading ``#`` hold numbers."""
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        number = column[0] == "#" and column != "#"
        table.add_column(column.lstrip("#") or column, justify="right" if number else "left")
    return table


def sums(shown: Sequence[Tried]) -> Table:
    """FLOP over what a GPU gives, and what its memory must hold."""
    columns = (
        "#",
        "model",
        "job",
        "#FLOP",
        "#TFLOP/s per GPU",
        "#GPUs",
        "#GPUs by memory",
        "#machines",
    )
    table = _table("Sizing: 6 FLOP per parameter and token for training, 2 for serving", *columns)
    for number, tried in enumerate(shown, start=1):
        proposal = tried.proposal
        for job in proposal.jobs:
            table.add_row(
                str(number),
                proposal.model.key,
                job.name,
                f"{job.flop:.3g}{'' if job.purpose == 'training' else '/s'}",
                f"{job.rate / TERA:,.0f} of {peak_of(proposal.candidate):,.0f}",
                f"{job.gpus_compute:,}",
                f"{job.gpus_memory:,}",
                f"{job.nodes:,}",
            )
    return table


def proposals(shown: Sequence[Tried]) -> Table:
    """Cluster, cooling, network and storage of each."""
    columns = ("#", "cluster", "#GPUs", "#racks", "#kW", "cooling", "network", "storage")
    table = _table("Proposals", *columns)
    for number, tried in enumerate(shown, start=1):
        proposal = tried.proposal
        machines = proposal.training + proposal.serving
        table.add_row(
            str(number),
            f"{machines:,} x {proposal.model.key}",
            f"{machines * proposal.model.gpus:,}",
            f"{proposal.all_racks:,}",
            f"{proposal.power_kw:,.0f}",
            _cooling(proposal),
            _network(proposal),
            _storage(tried.tiers),
        )
    return table


def _cooling(proposal: Proposal) -> str:
    loops = proposal.loops
    air = f"{proposal.air_kw:,.0f} kW to air"
    if not loops.count:
        return air
    word = "loop" if loops.count == 1 else "loops"
    return f"{loops.count} {word} of {loops.cdus} CDUs, {loops.flow_lpm:,.0f} L/min; {air}"


def _network(proposal: Proposal) -> str:
    found = proposal.switches
    if found is None:
        return "none"
    tiers = "+".join(str(it) for it in (found.leaves, found.spines, found.cores) if it)
    return f"{tiers} switches, {found.cables:,} cables"


def _storage(tiers: Sequence[TierPlan]) -> str:
    return "; ".join(f"{it.blocks} blocks, {it.capacity_tb:,.0f} TB" for it in tiers) or "-"


def limits(shown: Sequence[Tried]) -> Table:
    """What each takes of what the place gives, and the one thing that limits it."""
    table = _table("Limits", "#", "model", "limiting factor", "all limits")
    for number, tried in enumerate(shown, start=1):
        proposal = tried.proposal
        table.add_row(
            str(number),
            proposal.model.key,
            proposal.limiting if tried.fits else f"does not fit: {'; '.join(proposal.refused)}",
            "; ".join(f"{limit} ({limit.share:.0%})" for limit in proposal.limits),
        )
    return table
