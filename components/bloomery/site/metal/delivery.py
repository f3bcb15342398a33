"""``machines.csv``: the delivery list, one row a machine.

A list that is still to be filled has its machines and their places, and empty cells where
the identities go: ``delivery_template`` writes one, ``parse_delivery`` names the gaps of
each row in one fault.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field

from pydantic import ValidationError

from bloomery.errors import Fault
from bloomery.names import short_name
from bloomery.site.metal.further_columns import (
    ASSET_TAG,
    KNOWN,
    cell_faults,
    further_cells,
    heading_faults,
    plain_heading,
    tag_faults,
)
from bloomery.site.metal.machine import COLUMNS, OPTIONAL_COLUMNS, Machine
from bloomery.site.reading.draft_gaps import UNFILLED
from bloomery.site.reading.fault_texts import tell

HEADER = ",".join(COLUMNS)
"""First line of the file."""

IDENTITY = ("bmc_mac", "bmc_address", "chassis_serial", "system_uuid")
"""Columns only a delivered machine can tell. An empty ``bmc_cert_sha256`` is no gap: site CA."""

OWN = ("bmc_mac", "chassis_serial", "system_uuid")
"""Columns whose values no two machines share."""

_WHERE_FROM = (
    "from the delivery note or the machine itself; bmc_cert_sha256 may stay empty: site CA"
)


@dataclass(frozen=True)
class Place:
    """A machine before it is delivered: what it is called and where it will stand."""

    name: str
    pool: str
    rack: str
    unit: int
    """Lowest rack unit, counted from 1 at the bottom."""
    number: int | None = None
    """Its number in its pool, where the name does not end in it."""


def delivery_template(places: Iterable[Place]) -> str:
    """Text of a ``machines.csv`` to be filled: places written, identities left empty."""
    listed = [asdict(place) for place in places]
    more = [key for key in OPTIONAL_COLUMNS if any(it[key] is not None for it in listed)]
    text = io.StringIO()
    writer = csv.DictWriter(
        text, (*COLUMNS, *more), restval="", extrasaction="ignore", lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(listed)
    return text.getvalue()


@dataclass
class Delivery:
    """What was read, and what was wrong with it."""

    file: str
    machines: list[Machine] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    """Line of each row, by the name it gives."""
    shorts: dict[str, str] = field(default_factory=dict)
    """Name without domain -> the first name that begins with it."""
    endpoints: list[tuple[int, str, str]] = field(default_factory=list)
    """Line, machine and address of the BMC, as written, of each row, also of a row at fault."""
    tags: list[tuple[int, str, str, str]] = field(default_factory=list)
    """Line, machine, column and asset tag of each row that has one."""
    told: dict[tuple[str, str], tuple[int, str, str]] = field(default_factory=dict)
    """Column and identity in its normal form -> line, machine and text of the first row with it."""
    faults: list[Fault] = field(default_factory=list)


def parse_delivery(file: str, text: str) -> Delivery:
    """Read the delivery list. Never raises: what is wrong stands in ``faults``."""
    delivery = Delivery(file)
    rows = _rows(text, delivery)
    line, header = next(rows, (1, []))
    delivery.faults.extend(_header_faults(file, line, header))
    if delivery.faults:
        return delivery
    for line, row in rows:
        _read_row(delivery, line, header, row)
    delivery.faults.extend(tag_faults(file, delivery.tags))
    if not delivery.machines and not delivery.faults:
        delivery.faults.append(Fault(file, line, "(rows)", "no machine is listed"))
    return delivery


def _rows(text: str, delivery: Delivery) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text.splitlines(), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        fault = Fault(delivery.file, reader.line_num, "(row)", f"not CSV: {error}")
        delivery.faults.append(fault)


def _header_faults(file: str, line: int, header: list[str]) -> Iterator[Fault]:
    if not header:
        yield Fault(file, 1, "(header)", "the file is empty", f"begin with {HEADER}")
        return
    if len(header) == 1 and ";" in header[0]:
        yield Fault(file, line, "(header)", "columns are separated by ';'", "use ','")
        return
    if not set(header) & set(COLUMNS):
        yield Fault(file, line, "(header)", "the first line is no header", f"begin with {HEADER}")
        return
    yield from heading_faults(file, line, header)
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        reason = f"missing columns: {', '.join(missing)}"
        yield Fault(file, line, "(header)", reason, f"begin with {HEADER}")


def _read_row(delivery: Delivery, line: int, header: list[str], row: list[str]) -> None:
    if len(row) != len(header):
        reason = f"{len(row)} fields where the header has {len(header)}"
        delivery.faults.append(Fault(delivery.file, line, row[0] or "(row)", reason))
        return
    cells = dict(zip(header, row, strict=True))
    who = cells["name"] or "(row)"
    gaps = [column for column in IDENTITY if not cells[column]]
    if gaps:
        reason = f"{UNFILLED}: {', '.join(gaps)}"
        delivery.faults.append(Fault(delivery.file, line, who, reason, _WHERE_FROM))
    delivery.endpoints.append((line, who, cells["bmc_address"]))
    machine = _machine(delivery, line, who, cells)
    if _is_taken(delivery, line, who):
        return
    if cells["name"]:
        delivery.lines[who] = line
    if machine is not None:
        delivery.machines.append(machine)
        delivery.faults.extend(_shared_identities(delivery, line, machine, cells))


def _shared_identities(
    delivery: Delivery, line: int, machine: Machine, cells: Mapping[str, str]
) -> Iterator[Fault]:
    """Identities that an earlier row has, in whatever form either writes it."""
    for column in OWN:
        identity = str(getattr(machine, column))
        key = (column, identity.lower())
        held, holder, text = delivery.told.setdefault(key, (line, machine.name, cells[column]))
        if held != line:
            reason = f"{cells[column]!r} is that of {holder!r}"
            hint = f"line {held} has {text!r}: read it from the machines again"
            yield Fault(delivery.file, line, f"{machine.name}.{column}", reason, hint)


def _is_taken(delivery: Delivery, line: int, who: str) -> bool:
    """Whether an earlier row has the name, or the name without its domain, which is a host's
    alias and its name in Slurm."""
    if who in delivery.lines:
        hint = f"it is given first on line {delivery.lines[who]}"
        reason = f"machine {who!r} is given twice"
        delivery.faults.append(Fault(delivery.file, line, f"{who}.name", reason, hint))
        return True
    short = short_name(who)
    holder = delivery.shorts.setdefault(short, who)
    if holder != who:
        first = delivery.lines.get(holder, line)
        hint = f"Slurm and /etc/hosts know machines by it; line {first} has it"
        reason = f"{short!r} is also the short name of {holder!r}"
        delivery.faults.append(Fault(delivery.file, line, f"{who}.name", reason, hint))
    return False


def _machine(delivery: Delivery, line: int, who: str, cells: dict[str, str]) -> Machine | None:
    further = further_cells(cells)
    faults = list(cell_faults(further))
    for column, reason, hint in faults:
        delivery.faults.append(Fault(delivery.file, line, f"{who}.{column}", reason, hint))
    delivery.tags += [
        (line, who, column, text)
        for column, text in further.items()
        if plain_heading(column) == ASSET_TAG
    ]
    # An optional cell that is empty is one left out.
    known = {key: text for key, text in cells.items() if key in KNOWN and (text or key in COLUMNS)}
    try:
        made = Machine.model_validate({**known, "further": further})
    except ValidationError as error:
        for path, reason, hint in tell(Machine, error):
            if path[0] not in IDENTITY or cells[str(path[0])]:
                delivery.faults.append(Fault(delivery.file, line, f"{who}.{path[0]}", reason, hint))
        return None
    return None if faults else made
