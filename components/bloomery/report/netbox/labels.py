"""Names of devices and racks in exported tables, which call an object by its label.

NetBox labels a device with an asset tag ``name (asset tag)``, and a rack with a facility id
``name (facility id)``; the list of the objects themselves has the bare name. (``__str__`` of
``Device`` and ``Rack`` in NetBox 4.7.) Answers of the REST API have names only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bloomery.report.netbox.table import Row

Labels = Mapping[tuple[str, str], str]
"""Site and label -> name."""


def labels(rows: Sequence[Row], behind: str) -> Labels:
    """Those of ``rows`` that have something in the column ``behind``."""
    return {
        (it["site"], f"{it['name']} ({it[behind]})"): it["name"] for it in rows if it.get(behind)
    }


def named(row: Row, known: Labels, column: str, site: str = "site") -> Row:
    """``row`` with names for the labels in ``column``; ends of one side are apart by commas."""
    if site not in row or not known:
        return row
    ends = zip(row[site].split(","), row[column].split(","), strict=False)
    return {**row, column: ",".join(known.get(end, end[1]) for end in ends)}
