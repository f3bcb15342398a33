"""Driver and firmware are pinned by a tested release, none below the floor.

Metal must state a floor for the driver. One for the firmware is judged where it is stated:
what runs on a machine is a fact that Redfish tells. A lab has no GPU, but its release pins
as well.
"""

from __future__ import annotations

from collections.abc import Callable

from pulumi_policy import ResourceValidationArgs

Report = Callable[[str], None]


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def site(args: ResourceValidationArgs, report: Report) -> None:
    """What the release pins, against the floors."""
    facts, pins, release = args.props["sovereignty"], args.props["pins"], args.props["release"]
    if not pins:
        report(f"release {release or 'not given'} pins no version")
    if not facts["driverFloor"] and not args.props["lab"]:
        report("the site states no floor for the GPU driver")
    for what in ("driver", "firmware"):
        floor = facts[f"{what}Floor"]
        if not floor:
            continue
        if what not in pins:
            report(f"release {release} does not pin the {what}, and its floor is {floor}")
        elif _number(pins[what]) < _number(floor):
            report(f"release {release}: {what} {pins[what]} is below the floor {floor}")


JUDGES = {"bloomery:site:Site": site}
