"""Any one feed, power supply or CDU may fail, and leaks are detected and can be isolated.

Virtual machines draw no power: of a lab, only what it says of its loops is judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pulumi_policy import ResourceValidationArgs

Report = Callable[[str], None]


def site(args: ResourceValidationArgs, report: Report) -> None:
    """Power when one side is lost."""
    if args.props["lab"]:
        return
    spare = args.props["spare"]
    if not spare["racks"]:
        report("the racks of the site are empty, so spare power cannot be determined")
    if spare["racksOnTwoSides"] < spare["racks"]:
        lone = spare["racks"] - spare["racksOnTwoSides"]
        report(f"{lone:g} racks are not fed from two sides, first: {spare['oneSided']}")
    for kind in ("circuit", "source"):
        left = spare[f"{kind}LeftKw"]
        if left < 0:
            report(f"{kind} {spare[kind]} lacks {-left:g} kW when the other side is lost")
    for model in spare["noSparePsu"]:
        report(f"model {model} needs every power supply it has")


def loop(args: ResourceValidationArgs, report: Report) -> None:
    """Coolant when one CDU is lost, and who sees a leak."""
    cdus: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for cdu in args.props["slice"]["cdus"]:
        cdus[cdu["loop"]].append(cdu)
    for found in args.props["slice"]["loops"]:
        name = found["name"]
        for what, unit, key, need in (
            ("heat", "kW", "capacityKw", found["heatKw"]),
            ("flow", "L/min", "flowLimitLpm", found["flowLpm"]),
        ):
            gives = [cdu[key] for cdu in cdus[name]]
            left = sum(gives) - max(gives, default=0.0)
            if left < need:
                report(f"loop {name}: {left:g} {unit} without one CDU, {need:g} of {what} needed")
        _leaks(name, found["racks"], report)


def _leaks(loop_name: str, racks: Sequence[Mapping[str, Any]], report: Report) -> None:
    blind = [rack["rack"] for rack in racks if not rack["rackDetector"]]
    open_ = [rack["rack"] for rack in racks if rack["valve"] not in ("agent", "bms")]
    if blind:
        report(f"loop {loop_name}: {len(blind)} racks without a leak sensor, first: {blind[0]}")
    if open_:
        report(
            f"loop {loop_name}: {len(open_)} valves cannot be closed remotely, first: {open_[0]}"
        )


JUDGES = {"bloomery:site:Site": site, "bloomery:cooling:CoolantLoop": loop}
