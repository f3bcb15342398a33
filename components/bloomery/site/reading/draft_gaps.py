"""What a draft leaves for people to write, and how loading names every gap at once.

A draft is a site that nobody has filled yet: a clone, or a proposal made from a workload.
The convention, for whoever writes one:

* in ``site.yaml`` a value that only the place itself knows (location, networks, depot) is
  written ``TO-FILL``, anywhere a value may stand;
* in ``machines.csv`` the cells of ``delivery.IDENTITY`` and ``bmc_cert_sha256`` stay empty;
  ``delivery.delivery_template`` writes such a list.

``load`` refuses a draft with one fault per value and one per row, each with its line.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from bloomery.errors import Fault
from bloomery.site.reading.document import Document, Path, Value
from bloomery.site.reading.fault_texts import example

TO_FILL = "TO-FILL"
"""Stands for a value that is still to be written. Easy to search for, and no valid name."""

UNFILLED = "not filled in"
"""Reason of every fault that a gap of a draft makes, in both files."""


def gaps(document: Document) -> tuple[Path, ...]:
    """Where ``TO-FILL`` stands, in the order of the file."""
    return tuple(_gaps(document.data, ()))


def _gaps(value: Value, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _gaps(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _gaps(item, (*path, at))
    elif value == TO_FILL:
        yield path


def gap_faults(document: Document, model: type[BaseModel]) -> Iterator[Fault]:
    """One fault per gap of ``document``, with an example where ``model`` has one."""
    for path in gaps(document):
        yield document.fault(path, UNFILLED, example(model, path))
