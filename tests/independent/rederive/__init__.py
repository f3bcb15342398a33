"""A second way from a site's files to its numbers, to hold the plan against.

Reads ``site.yaml``, ``machines.csv``, the catalogue's YAML and ``plan.json``, and derives
counts, ports, addresses, racks, feeds and flows anew. ``differences`` lists what does not
agree. Rules are taken from the descriptions of the keys and from the published reference
architectures, arithmetic is exact where that is possible.

What must not live here: any import of the planner, its rules or its models. A test holds
that.
"""

from __future__ import annotations

from rederive.verdict import differences

__all__ = ["differences"]
