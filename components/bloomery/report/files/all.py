"""Every file of a plan, by its name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from bloomery.check import Note
from bloomery.plan.model import Plan
from bloomery.report.files.bom import bom_csv
from bloomery.report.files.cables import cables_csv, labels_csv
from bloomery.report.files.graphviz import topology_dot
from bloomery.report.files.infiniband import ibutils, topologies
from bloomery.report.files.inventory import inventory_yaml
from bloomery.report.files.netbox import netbox, tables
from bloomery.report.files.netlist import netlists
from bloomery.report.files.ports import ports_csv
from bloomery.report.netbox.compare import Missing

PLAN = "plan.json"
"""The plan itself."""

SUMS = "SHA256SUMS"
"""Digests of all other files, as ``sha256sum --check`` reads them; marks a folder as ours."""


def files(
    plan: Plan, notes: Sequence[Note] | None = None, left: Missing | None = None
) -> Mapping[str, bytes]:
    """Name below the output folder -> content. The same plan gives the same bytes.

    ``notes`` are what the rules said of it; the page shows them. ``left`` is what a NetBox lacks
    of it; none: everything.
    """
    from bloomery.report.sketch import page  # here: the page itself needs a file, the bill

    left = left or Missing(tables(plan), {})
    made = {
        PLAN: plan.to_document(),
        "index.html": page(plan, notes).encode(),
        "cables.csv": cables_csv(plan),
        "labels.csv": labels_csv(plan),
        "ports.csv": ports_csv(plan),
        "bom.csv": bom_csv(plan),
        "topology.dot": topology_dot(plan),
        "inventory.yaml": inventory_yaml(plan),
        **{f"infiniband/{name}.topo": text for name, text in topologies(plan).items()},
        **{f"infiniband/{name}.net": text for name, text in netlists(plan).items()},
        **{f"infiniband/ibutils/{name}": text for name, text in ibutils(plan).items()},
        **{f"netbox/{name}.csv": text for name, text in netbox(left.tables, left.updates).items()},
    }
    return {**made, SUMS: _sums(made)}


def _sums(made: Mapping[str, bytes]) -> bytes:
    lines = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(made.items()))
    return "".join(lines).encode()
