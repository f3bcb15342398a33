"""Software sets and what changes between them, as tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bloomery.plan.model import SoftwarePlan
from bloomery.plan.software.change_words import TAKES, alike
from bloomery.plan.software.changes import SoftwareChange
from bloomery.plan.software.release_diff import ModelDiff


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def show_set(screen: Console, made: SoftwarePlan) -> None:
    """Print one set: packages in the order of installation, then what has no version."""
    of = made.accelerator
    kind = f"  {of.vendor} {of.generation} {of.platform}" if of else ""
    screen.print(f"[bold]{made.release}[/]  {made.name}  {made.system}{kind}")
    table = _table("Packages, in the order of installation", "step", "package", "version",
                   "repository", "held")  # fmt: skip
    for package in made.packages:
        cells = (package.step, package.name, package.version, package.repository)
        table.add_row(*cells, "held" if package.hold else "")
    screen.print(table)
    rest = _table("Settings", "what", "value")
    for what, value in _settings(made):
        if value:
            rest.add_row(what, Text(value))
    screen.print(rest)


def _settings(made: SoftwarePlan) -> list[tuple[str, str]]:
    of = made.accelerator
    rows = [
        ("kernel parameters", " ".join(made.parameters)),
        ("access control services", made.acs),
        ("modules loaded", " ".join(made.modules)),
        ("modules never loaded", " ".join(made.blacklist)),
        ("module options", " ".join(of.options) if of else ""),
        ("kernel modules", of.modules if of else ""),
        ("GPUDirect", of.gpudirect if of else ""),
    ]
    rows += [("service", f"{it.name} {it.state}") for it in made.services]
    rows += [("sysctl", f"{name} = {value}") for name, value in made.sysctl.items()]
    rows += [("locked memory", made.memlock)]
    rows += [
        (f"not from {it.key}", ", ".join(it.exclude)) for it in made.repositories if it.exclude
    ]
    rows += [(f"firmware {name}", version) for name, version in made.firmware.items()]
    rows += [(f"framework {name}", version) for name, version in made.frameworks.items()]
    if of and of.health and of.collective:
        rows += [
            ("health", f"{of.health.test} ({of.health.library})"),
            ("collective test", f"{of.collective.test} ({of.collective.library})"),
            ("isolation", ", ".join(of.isolation)),
            ("groups", ", ".join(of.groups)),
        ]
    return rows


def show_changes(screen: Console, old: str, new: str, found: Sequence[ModelDiff]) -> None:
    """Print what changes; models on which the same changes are one table."""
    screen.print(f"[bold]{old}[/] -> [bold]{new}[/]")
    groups: dict[tuple[SoftwareChange, ...], list[ModelDiff]] = defaultdict(list)
    for one in found:
        if one.there == "both":
            groups[one.changes].append(one)
        else:
            screen.print(f"{one.model}: only in {old if one.there == 'old' else new}")
    for same, models in groups.items():
        names = ", ".join(one.model for one in models)
        if not same:
            screen.print(f"{names}: nothing changes")
            continue
        table = _table(f"{names}: {TAKES[models[0].effect]}", "what", "name", "before", "after",
                       "takes")  # fmt: skip
        for row in alike(same):
            name = "\n".join(row.names)
            table.add_row(row.what, Text(name), row.before, row.after, row.effect)
        screen.print(table)
        if held := sorted({it.name for it in same if it.held and it.after}):
            screen.print(Text(f"held before, held again behind it: {', '.join(held)}", style="dim"))
    if not found:
        screen.print("neither release has a software set")
