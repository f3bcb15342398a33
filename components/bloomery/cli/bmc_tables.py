"""One BMC as tables, and as a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bloomery.drivers.redfish.certificate import Presented
from bloomery.drivers.redfish.description import Description, Root
from bloomery.drivers.redfish.protocol import SystemFacts
from bloomery.provider.asset_tag import without_key
from bloomery.provider.phases.node.prospects import Prospect

FACTS: Mapping[str, str] = {
    "bmc_macs": "BMC MACs",
    "serials": "serial numbers",
    "system_uuid": "system UUID",
    "model": "model",
    "power": "power",
    "asset_tag": "asset tag",
    "bmc_version": "BMC firmware",
    "bios_version": "BIOS version",
    "bios": "BIOS attributes",
    "bios_pending": "BIOS pending",
    "media": "media",
    "boot_once": "boot once",
    "boot_always": "boot always",
    "boot_progress": "boot progress",
}
"""Name of a fact -> how it is called in the table, in its order."""

COUNTED = ("bios",)
"""Facts of which only the number is shown: a BIOS has a thousand attributes."""

NOTHING = "-"

WIDEST = 58
"""Widest word that is kept whole: the rest of a line still tells why."""

NARROWEST = 16
"""Narrowest last column: on a terminal that narrow it wraps, and loses nothing."""

GAP = 2
"""Blanks after a column."""

STYLES = {"yes": "green", "no": "bold red", "unknown": "yellow"}


@dataclass(frozen=True)
class Row:
    """One row of a table."""

    name: str
    value: str
    told: str
    style: str = ""
    """Of the value."""


def as_document(address: str, found: Description, judged: Sequence[Prospect]) -> dict[str, object]:
    """Everything, for programs; what is not told is left empty, never guessed."""
    facts = found.facts
    return {
        "address": address,
        **asdict(found.root),
        "password_must_be_changed": found.change_first,
        "account": found.account,
        "systems": list(found.systems),
        "trouble": found.trouble,
        "facts": {name: _fact(facts, name) for name in FACTS} if facts else {},
        "parts": [asdict(one) for one in found.parts],
        "phases": [asdict(one) for one in judged],
    }


def _fact(facts: SystemFacts, name: str) -> dict[str, object]:
    value = getattr(_shown(facts), name)
    plain = dict(value) if isinstance(value, Mapping) else value
    return {"value": plain, "quality": facts.quality(name), "why": facts.lack(name)}


def show(out: Console, address: str, found: Description, judged: Sequence[Prospect]) -> None:
    """Three tables: facts, what was taken and why, which phases would work."""
    _head(out, address, found.root)
    if found.trouble:
        systems = f"systems: {', '.join(found.systems) or 'none listed'}"
        for told in (Text(found.trouble, style="bold red"), Text(systems)):
            out.print(Padding(told, (0, 0, 0, 3), expand=False))
    if found.facts is not None:
        _facts(out, found.facts)
    if found.parts:
        parts = [Row(one.part, one.taken or NOTHING, one.why) for one in found.parts]
        _print(out, ("part", "taken", "why"), parts)
    phases = [Row(one.phase, one.works, one.why, STYLES[one.works]) for one in judged]
    _print(out, ("phase", "would work", "why"), phases)


def show_unpinned(out: Console, address: str, seen: Presented, root: Root) -> None:
    """What may be known of a BMC before it is trusted."""
    _head(out, address, root)
    out.print(Text(f"   certificate SHA-256: {seen.sha256}"), soft_wrap=True)
    out.print(Text(f"   subject: {seen.subject or NOTHING}"), soft_wrap=True)
    out.print(Text(f"   valid until {seen.not_after:%Y-%m-%d}"))


def _head(out: Console, address: str, root: Root) -> None:
    told = [one for one in (root.vendor, root.product) if one]
    out.print(
        Text(f"{address}: {' '.join(told) or 'vendor not told'}, Redfish {root.redfish or '?'}"),
        soft_wrap=True,
    )


def _facts(out: Console, facts: SystemFacts) -> None:
    rows = []
    for name, label in FACTS.items():
        why = facts.lack(name)
        quality = "unreadable now" if facts.quality(name) == "unreadable" else facts.quality(name)
        rows.append(Row(label, _value(facts, name), f"{quality}: {why}" if why else quality))
    _print(out, ("fact", "value", "quality"), rows)


def _shown(facts: SystemFacts) -> SystemFacts:
    """Facts without a key that an asset tag may hold for a time."""
    return replace(facts, asset_tag=without_key(facts.asset_tag))


def _value(facts: SystemFacts, name: str) -> str:
    value = getattr(_shown(facts), name)
    if name in COUNTED:
        return f"{len(value)} attributes" if value else NOTHING
    if isinstance(value, Mapping):
        return ", ".join(f"{one} ({key})" for key, one in value.items()) or NOTHING
    if isinstance(value, tuple):
        return ", ".join(value) or NOTHING
    return str(value) or NOTHING


def _print(out: Console, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """A table under an empty line; a path stands on one line as far as there is room."""
    first = max(len(one) for one in (columns[0], *(row.name for row in rows)))
    values = [columns[1], *(row.value for row in rows)]
    told = max(len(one) for one in (columns[2], *(row.told for row in rows)))
    left = out.width - first - 3 * GAP
    word = max((len(one) for value in values for one in value.split()), default=0)
    second = min(max(map(len, values)), max(min(word, WIDEST), left - told))
    table = Table(box=None, padding=(0, GAP, 0, 0), header_style="bold")
    for name, width in zip(columns, (first, second, max(left - second, NARROWEST)), strict=True):
        table.add_column(name, width=width, overflow="fold")
    for row in rows:
        table.add_row(Text(row.name), Text(row.value, style=row.style), Text(row.told))
    out.print()
    out.print(table)
