"""Rules F8, F10, F11 and F12: the tree is as large as asked, and can grow as asked."""

from __future__ import annotations

import ipaddress
import math
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from bloomery.check.fabric_rails import leaves_in, rails_in
from bloomery.check.preconditions import FABRIC
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import NetworkPlan, Plan, SwitchPlan

RA = "NVIDIA DGX SuperPOD reference architectures, network fabrics"


def _oversubscribed(plan: Plan) -> Iterator[Finding]:
    """Places of machines, and managers beyond them, over the uplinks that are laid."""
    cables = plan.fabric.cables
    up = Counter(it.a_device for it in cables if it.layer in ("leaf-spine", "leaf-leaf"))
    up += Counter(it.b_device for it in cables if it.layer == "leaf-leaf")
    down = Counter(it.b_device for it in cables if it.layer == "node-leaf")
    networks = {it.name: it for it in plan.fabric.networks if it.name != "oob"}
    rails = {name: rails_in(plan, network) for name, network in networks.items()}
    for switch in plan.fabric.switches:
        network = networks.get(switch.network)
        if network is None or switch.tier != "leaf" or _alone(network):
            continue
        asked, uplinks = network.oversubscription, up[switch.name]
        each = min(network.rails_per_leaf, rails[network.name].get(switch.su, 0) - switch.rail + 1)
        ports = max(network.nodes_per_su * each, down[switch.name])
        if ports > uplinks * Fraction(str(asked)):
            ratio = ports / uplinks if uplinks else math.inf
            what = "ports of machines" if network.rails_per_leaf > 1 else "machines"
            yield Finding(
                subject=switch.name,
                value=f"{ports} {what} over {uplinks} uplinks: {ratio:.2f}",
                limit=f"{asked:g}",
                margin=f"{asked - ratio:.2f}",
                remedy="fewer machines per unit, or a higher oversubscription in site.yaml",
            )


def _alone(network: NetworkPlan) -> bool:
    """Whether a leaf has no other switch to send to: its plane has one, so far."""
    return network.tiers == 1 and network.leaves == network.planes


def _counts(plan: Plan) -> Iterator[Finding]:
    switches = Counter((it.network, it.tier) for it in plan.fabric.switches)
    cables = Counter((it.network, it.layer) for it in plan.fabric.cables)
    for network in plan.fabric.networks:
        name = network.name
        leaf, node = ("oob", "oob") if name == "oob" else ("leaf", "node-leaf")
        told = {
            "leaves": (network.leaves, switches[name, leaf]),
            "spines": (network.spines, switches[name, "spine"]),
            "cores": (network.cores, switches[name, "core"]),
            "machine cables": (network.node_cables, cables[name, node]),
            "leaf cables": (network.leaf_cables, cables[name, "leaf-leaf"]),
            "spine cables": (network.spine_cables, cables[name, "leaf-spine"]),
            "core cables": (network.core_cables, cables[name, "spine-core"]),
        }
        for what, (said, found) in told.items():
            if said != found:
                yield _count(name, f"{said} {what} in the summary", found, said - found)
        if name == "oob":
            continue
        radix = max((it.ports for it in plan.fabric.switches if it.network == name), default=0)
        leaves = sum(leaves_in(plan, network).values())
        for what, (said, derived) in _derived(network, radix, leaves).items():
            if said != derived:
                yield _count(name, f"{said} {what}", derived, said - derived)


def _count(network: str, value: str, limit: int, margin: int) -> Finding:
    return Finding(
        subject=f"network {network}",
        value=value,
        limit=str(limit),
        margin=str(margin),
        remedy="report a planner fault",
    )


def _derived(network: NetworkPlan, radix: int, leaves: int) -> dict[str, tuple[int, int]]:
    """What the numbers of a tree must be, worked out from its size and ``leaves`` of a plane."""
    planes = network.planes
    unit_leaves = network.rails // network.rails_per_leaf
    widest = network.su_max * unit_leaves
    tiers = network.tiers if network.tiers_asked else 2 if widest <= radix else 3
    spines, cores, up, core_cables, pair = 0, 0, 0, 0, 0
    if tiers == 1:
        pair = _pair_cables(network) if leaves == 2 else 0
        tiers = 1 if widest <= 2 else 2
    elif tiers == 2:
        spines, up = _fewest_spines(network, radix, widest)
    else:
        half = up = radix // 2
        pod_su = max(1, half // unit_leaves)
        spines = math.ceil(network.su / pod_su) * half
        pods = math.ceil(network.su_max / pod_su)
        group = _divisor(half, math.ceil(pods * half / radix))
        cores, core_cables = half * group, spines * half
    return {
        "tiers": (network.tiers, tiers),
        "leaves": (network.leaves, leaves * planes),
        "spines": (network.spines, spines * planes),
        "cores": (network.cores, cores * planes),
        "leaf cables": (network.leaf_cables, pair * planes),
        "spine cables": (network.spine_cables, leaves * up * planes),
        "core cables": (network.core_cables, core_cables * planes),
    }


def _needs(network: NetworkPlan) -> int:
    """Ports of a leaf for machines and managers."""
    unit_leaves = network.rails // network.rails_per_leaf
    managers = math.ceil(network.reserved_ports / (unit_leaves * network.planes))
    return network.nodes_per_su * network.rails_per_leaf + managers


def _pair_cables(network: NetworkPlan) -> int:
    """Fewest cables between two leaves that keep the ratio."""
    return math.ceil(_needs(network) / Fraction(str(network.oversubscription)))


def _fewest_spines(network: NetworkPlan, radix: int, leaves: int) -> tuple[int, int]:
    """Spines, and uplinks of a leaf: equal bundles, never above the ratio; (0, 0): impossible."""
    # As it is written: binary fractions lose a port here and there.
    ratio = Fraction(str(network.oversubscription))
    shared = network.rails_per_leaf > 1
    most = max((it for it in range(radix) if it + math.ceil(it / ratio) <= radix), default=0)
    whole = ratio == 1 and not shared  # as in the reference architectures: half of the ports
    least = most if whole else min(most, _needs(network))
    downs = range(least, most + 1) if shared else range(most, least - 1, -1)
    for spines in range(1, radix + 1):
        for down in downs:
            for bundle in range(1, radix // leaves + 1):
                up = spines * bundle
                fits = up * ratio >= down and down + up <= radix
                if fits and (not whole or up == most):
                    return spines, up
    return 0, 0


def _divisor(number: int, least: int) -> int:
    return min((it for it in range(1, number + 1) if number % it == 0 and it >= least), default=0)


def _homeless(plan: Plan) -> Iterator[Finding]:
    racks = {rack.name: rack for rack in plan.metal.racks}
    for switch in plan.fabric.switches:
        rack = racks.get(switch.rack)
        if rack is None or not 1 <= switch.unit <= rack.units:
            where = f"{switch.rack} U{switch.unit}" if switch.rack else "no rack"
            yield Finding(
                subject=switch.name,
                value=where,
                limit="a rack unit of the site",
                remedy=f"{_key(switch)} of site.yaml: more racks, or more switches per rack",
            )


def _key(switch: SwitchPlan) -> str:
    tiers = {"leaf": "leaves", "spine": "spines", "core": "cores"}
    return f"fabric.{switch.network}.{tiers.get(switch.tier, 'groups')}"


def _growth(plan: Plan) -> Iterator[Finding]:
    # Out of band a switch without a rack has no index either: F11 names it.
    placed = (it for it in plan.fabric.switches if it.rack or it.network != "oob")
    tiers = Counter((it.network, it.tier, it.index) for it in placed)
    for (name, tier, index), count in tiers.items():
        if count > 1:
            yield Finding(
                subject=f"network {name}",
                value=f"{count} switches of tier {tier} at place {index}",
                limit="one",
                remedy="report a planner fault",
            )
    for network in plan.fabric.networks:
        if network.name == "oob":
            continue
        if network.su > network.su_max:
            yield _beyond(network, f"{network.su} units built", network.su_max)
        if not network.loopback_cidr:
            continue
        mine = [it for it in plan.fabric.switches if it.network == network.name]
        radix = max(it.ports for it in mine)
        down = max(it.down for it in mine if it.tier == "leaf")
        for key, needed, there in _needed(network, radix, down):
            if needed > there:
                yield _beyond(network, f"{needed} addresses of {key} for the target", there)


def _needed(network: NetworkPlan, radix: int, down: int) -> Iterator[tuple[str, int, int]]:
    """Addresses the growth target takes of each pool, and those there are."""
    leaves = network.su_max * (network.rails // network.rails_per_leaf) * network.planes
    block = 2 ** math.ceil(math.log2(2 * max(down, radix // 2)))
    pools = {
        "loopbacks": (4 * leaves, network.loopback_cidr),
        "links": (2 * leaves * radix, network.link_cidr),
        "hosts": (leaves * block, network.host_cidr),
    }
    for key, (needed, cidr) in pools.items():
        yield key, needed, ipaddress.IPv4Network(cidr).num_addresses


def _beyond(network: NetworkPlan, value: str, limit: int) -> Finding:
    return Finding(
        subject=f"network {network.name}",
        value=value,
        limit=str(limit),
        remedy=f"raise fabric.{network.name}.su_max or widen the pools before installation",
    )


RULES = (
    Rule(
        "F8",
        "Leaf oversubscription stays within the limit of the site",
        RA,
        _oversubscribed,
        (FABRIC,),
    ),
    Rule(
        "F10",
        "Switch and cable counts match the size of the fabric",
        f"{RA}: tables",
        _counts,
        (FABRIC,),
    ),
    Rule(
        "F11",
        "Every switch is placed in a rack",
        "fabric and racks of site.yaml",
        _homeless,
        (FABRIC,),
    ),
    Rule(
        "F12",
        "The growth target fits every reserved range",
        "fabric.*.su_max of site.yaml",
        _growth,
        (FABRIC,),
    ),
)
