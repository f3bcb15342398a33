"""Our side of a bench: a site's files in, the model of every device out, as one process.

Load, plan and every rule; then, per switch, its loopback, autonomous system, interfaces with
addresses, and BGP neighbours, as JSON. With ``--inner``, prints the seconds that took,
imports left out.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from bloomery.check import errors, review
from bloomery.plan import Plan, make_plan
from bloomery.site import load


def models(plan: Plan) -> dict[str, dict[str, object]]:
    """Switch -> loopback, autonomous system, interfaces, neighbours."""
    systems = {switch.name: switch.asn for switch in plan.fabric.switches}
    interfaces: dict[str, dict[str, str]] = {name: {} for name in systems}
    neighbours: dict[str, list[dict[str, object]]] = {name: [] for name in systems}
    for cable in plan.fabric.cables:
        ends = (
            (cable.a_device, cable.a_port, cable.a_address),
            (cable.b_device, cable.b_port, cable.b_address),
        )
        for (name, port, address), (peer, _, remote) in (ends, ends[::-1]):
            if name not in systems:
                continue
            interfaces[name][port] = address
            if peer in systems:
                at = remote.partition("/")[0]
                neighbours[name].append({"peer": peer, "address": at, "asn": systems[peer]})
    return {
        switch.name: {
            "loopback": switch.loopback,
            "asn": switch.asn,
            "interfaces": interfaces[switch.name],
            "neighbours": neighbours[switch.name],
        }
        for switch in plan.fabric.switches
    }


def main() -> None:
    """``device_models.py SITE OUTPUT [--inner]``."""
    begun = time.perf_counter()
    plan = make_plan(load(sys.argv[1]))
    wrong = errors(review(plan))
    if wrong:
        sys.exit(str(wrong[0]))
    Path(sys.argv[2]).write_text(json.dumps(models(plan)), encoding="utf-8")
    if "--inner" in sys.argv:
        sys.stdout.write(f"{time.perf_counter() - begun}\n")


if __name__ == "__main__":
    main()
