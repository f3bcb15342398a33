"""``docs/catalogue.md``: what a site may order by its key, and which figures are known of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bloomery.catalogue import (
    Figure,
    NodeModel,
    SwitchModel,
    cable_kinds,
    node_models,
    releases,
    switch_models,
)
from bloomery.catalogue.cdu import cdu_models
from bloomery.catalogue.fluid import fluids
from bloomery.catalogue.pdu import PduModel, pdu_models

INTRO = """\
# Catalogue

What a site may name by its key. The sources of the figures are beside them, in
`components/bloomery/catalogue/data`. `-`: no source gives the figure. Where the plan needs it, the
site gives it, in the pool of the machines or in `fabric.switches`; the fault names the key. What
proves a BMC, and what it means that nothing does: [bmcs.md](bmcs.md#proven-and-unproven-models).

This page is generated: `make docs`.
"""


def page() -> str:
    """The page as it should be."""
    return INTRO + "".join(_sections())


def _sections() -> Iterator[str]:
    yield _table(
        "Machines: `model` of a pool",
        (
            "key",
            "product",
            "GPUs",
            "kW",
            "units",
            "kg",
            "supplies",
            "needed",
            "BMC proven by",
            "the site gives",
        ),
        [_machine(it) for it in node_models().values() if it.virtual == "none"],
    )
    yield _table(
        "Switches: `switch` of a network",
        ("key", "product", "kind", "cages", "Gb/s x ports a cage", "access ports", "kW", "units"),
        [_switch(it) for it in switch_models().values()],
    )
    yield _table(
        "PDUs: `pdu` of a circuit",
        ("key", "product", "V", "A", "phases", "wiring"),
        [_pdu(it) for it in pdu_models().values()],
    )
    named: dict[str, Iterable[str]] = {
        "CDUs: `model` of `cdus`": cdu_models(),
        "Coolants: `fluid` of a loop": fluids(),
        "Cables, chosen by speed, ends and length": cable_kinds(),
        "Releases: `release`": releases(),
    }
    for title, keys in named.items():
        yield f"\n## {title}\n\n" + ", ".join(f"`{key}`" for key in keys) + "\n"


def _machine(model: NodeModel) -> tuple[str, ...]:
    whole = model.rack
    power = f"{_figure(whole.power_kw)} a rack" if whole else _figure(model.power_kw)
    figures = (model.height_u, model.weight_kg, model.psus, model.psus_needed)
    asks = ", ".join(f"`{key}`" for key in model.asks)
    return (
        f"`{model.key}`",
        model.title,
        _figure(model.gpus),
        power,
        *(_figure(it) for it in figures),
        ", ".join(model.bmc.trees) if not model.unproven else "unproven",
        asks,
    )


def _switch(model: SwitchModel) -> tuple[str, ...]:
    modes = ", ".join(f"{_figure(it.speed_gbps)} x {_figure(it.per_cage)}" for it in model.modes)
    access = _figure(model.access_ports)
    return (
        f"`{model.key}`",
        model.title,
        model.kind,
        _figure(model.cages),
        modes or "-",
        access,
        _figure(model.power_kw),
        _figure(model.height_u),
    )


def _pdu(model: PduModel) -> tuple[str, ...]:
    figures = (_figure(it) for it in (model.volts, model.amps, model.phases))
    return (f"`{model.key}`", model.title, *figures, model.wiring)


def _figure(figure: Figure | None) -> str:
    return f"{figure.value:,g}" if figure else "-"


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = f"|{'---|' * len(columns)}\n"
    head, *lines = (f"| {' | '.join(cells)} |\n" for cells in (columns, *rows))
    return f"\n## {title}\n\n{head}{rule}" + "".join(lines)
