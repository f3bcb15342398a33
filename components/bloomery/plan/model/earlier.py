"""Plans of earlier versions, brought into today's shape before they are read.

Kept plans are named by the digest of their bytes, so they are never written anew.
"""

from __future__ import annotations

SCHEMA = 2
"""Version of the plan's shape. 1 had its runs inside the cluster, each with all its hosts."""


def up_to_date(parsed: object) -> object:
    """Parsed JSON of a plan of any version, in today's shape; other things as they are."""
    if not isinstance(parsed, dict) or "schema" in parsed:
        return parsed
    cluster = parsed.get("cluster")
    if not isinstance(cluster, dict) or not isinstance(cluster.get("runs"), list):
        return parsed  # the reader says what is wrong with it
    rest = {key: value for key, value in cluster.items() if key != "runs"}
    return {**parsed, "cluster": rest, "runs": [_run(run) for run in cluster["runs"]]}


def _run(old: object) -> object:
    if not isinstance(old, dict):
        return old
    groups = old.get("groups")
    named = groups.values() if isinstance(groups, dict) else ()
    hosts = sorted({name for names in named if isinstance(names, list) for name in names})
    return {**old, "kind": old.get("name"), "noun": "cluster", "layer": "cluster", "hosts": hosts}
