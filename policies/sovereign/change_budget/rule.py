"""One change affects no more live machines, and takes no longer, than the change budget allows.

The impact compares the wanted plan with that of the last sealed record. Machines that are
new do not count: nobody works on them yet. An impact that cannot be told is refused.
"""

from __future__ import annotations

from collections.abc import Callable

from pulumi_policy import ResourceValidationArgs

Report = Callable[[str], None]


def site(args: ResourceValidationArgs, report: Report) -> None:
    """The impact against the budget."""
    facts, impact = args.props["sovereignty"], args.props["impact"]
    percent, hours = facts["budgetNodesPercent"], facts["budgetHours"]
    if percent <= 0 or hours <= 0:
        report("the site states no change budget")
        return
    if impact["unknown"]:
        report(f"the impact is unknown: {impact['unknown']}")
    for pool in impact["pools"]:
        touched, live = pool["touched"], pool["live"]
        if touched * 100 > percent * live:
            report(
                f"pool {pool['pool']}: {touched:g} of {live:g} live machines reboot or leave; "
                f"limit {percent:g} %"
            )
    if impact["liveHours"] > hours:
        report(
            f"work on live machines takes {impact['liveHours']:g} h (estimated, upper bound); "
            f"limit {hours:g} h"
        )


JUDGES = {"bloomery:site:Site": site}
