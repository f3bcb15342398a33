"""Reads what was observed, whatever tool printed it, with every fault of all files at once."""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from enum import StrEnum
from pathlib import Path

from bloomery.check.observed.cable_list import COLUMNS, is_p2p, parse_cables
from bloomery.check.observed.ibnetdiscover import is_ibnetdiscover, parse_ibnetdiscover
from bloomery.check.observed.lldp_json import parse_lldp_json
from bloomery.check.observed.lldp_table import is_lldp_table, parse_lldp_table
from bloomery.check.observed.seen import Observed, merged
from bloomery.errors import Fault, FaultsError


class Format(StrEnum):
    """Who printed it."""

    CSV = "csv"
    P2P = "p2p"
    IBNETDISCOVER = "ibnetdiscover"
    LLDP_JSON = "lldp-json"
    LLDP_TABLE = "lldp-table"


def read_observed(
    paths: Sequence[str], known: Collection[str], form: Format | None = None, device: str = ""
) -> Observed:
    """Cables of all files. Raises FaultsError with everything that is wrong.

    ``known`` are the devices of the plan: a file of LLDP neighbours that is named as one of them
    is that device's. ``device`` is whose neighbours they are otherwise.
    """
    faults: list[Fault] = []
    parts: list[Observed] = []
    for path in paths:
        try:
            parts.append(parse_observed(path, _text(path), form, device or _named(path, known)))
        except FaultsError as error:
            faults += error.faults
    if faults:
        raise FaultsError(faults)
    return merged(parts)


def parse_observed(file: str, text: str, form: Format | None = None, device: str = "") -> Observed:
    """Like ``read_observed``, of one text that was read already."""
    match form or recognised(file, text):
        case Format.IBNETDISCOVER:
            return parse_ibnetdiscover(file, text)
        case Format.LLDP_JSON:
            return parse_lldp_json(file, text, device)
        case Format.LLDP_TABLE:
            return parse_lldp_table(file, text, device)
        case _:
            return parse_cables(file, text)


def recognised(file: str, text: str) -> Format:
    """The format, by what stands in the text. Raises FaultsError where it is none of them."""
    if text.lstrip()[:1] in ("{", "["):
        return Format.LLDP_JSON
    if is_ibnetdiscover(text):
        return Format.IBNETDISCOVER
    if is_lldp_table(text):
        return Format.LLDP_TABLE
    header = next(csv.reader(line for line in text.splitlines() if line.strip()), [])
    if is_p2p(header):
        return Format.P2P
    if header and not {name.strip().lower() for name in header} & set(COLUMNS):
        reason = f"format is not recognised: {','.join(header)[:60]!r}"
        hint = f"formats: {', '.join(Format)}; --format says which one it is"
        raise FaultsError([Fault(file, 1, "(file)", reason, hint)])
    return Format.CSV


def _named(path: str, known: Collection[str]) -> str:
    """The device that a file is named as: its name, or that without the last ending."""
    file = Path(path)
    names = {name.lower() for name in known}
    return next((name for name in (file.name, file.stem) if name.lower() in names), "")


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} cannot be read"
        raise FaultsError([Fault(path, 0, "(file)", "not UTF-8", reason)]) from None
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise FaultsError([Fault(path, 0, "(file)", reason)]) from None
