"""What comes after a small fabric: which machine moves cables, and what a bigger one costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bloomery.plan.model import NetworkPlan, Plan
from bloomery.site.fabric.tree import Asked, Tree, TreeError, smallest, tree

FEW = 64
"""Machines up to which it is told that a smaller fabric would do."""


def growth(plan: Plan) -> Mapping[str, str]:
    """Network -> a sentence or two; none where there is nothing to say."""
    radix = {it.network: it.ports for it in plan.fabric.switches if it.tier == "leaf"}
    told = {
        network.name: _told(network, radix[network.name])
        for network in plan.fabric.networks
        if radix.get(network.name) and network.su_max  # plans of others may not say it
    }
    return {name: words for name, words in told.items() if words}


def _told(network: NetworkPlan, radix: int) -> str:
    asked = Asked(
        radix=radix,
        rails=network.rails,
        nodes_per_su=network.nodes_per_su,
        su_max=network.su_max,
        oversubscription=network.oversubscription,
        managers=-(-network.reserved_ports // network.planes),
    )
    now = tree(asked, tiers=network.tiers, rails_per_leaf=network.rails_per_leaf)
    if network.tiers == 1 or network.rails_per_leaf > 1:
        return _bigger(network, asked, now)
    return "" if network.tiers_asked else _smaller(network, asked, now)


def _places(asked: Asked) -> int:
    return asked.su_max * asked.nodes_per_su


def _bigger(network: NetworkPlan, asked: Asked, now: Tree) -> str:
    places, holds, planes = _places(asked), _holds(asked, now), network.planes
    more = f", up to {holds} by nodes_per_su" if holds > places else ""
    for_ = f"{places} machines{_of_rails(network)}{more}"
    head = f"{_size(now, planes)} for {for_}; machine {holds + 1} re-cables."
    then = _twice(network, asked, holds)
    if then is None:
        return f"{head} Twice as many fit no fabric of this switch."
    switches, links = then.switches - now.switches, then.links - now.links
    return (
        f"{head} Sized for {2 * holds} from the start: {_size(then, planes)}, "
        f"{switches * planes:+} and {links * planes:+}."
    )


def _holds(asked: Asked, now: Tree) -> int:
    """Machines until cables move. A single leaf has its free ports beside those in use."""
    if now.switches > 1 or asked.su_max > 1:
        return _places(asked)
    return (now.down - asked.managers) // now.rails_per_leaf


UNITS = (1, 2, 4)
"""Into how many units more a larger fabric is cut: large ones do not fit a leaf."""


def _twice(network: NetworkPlan, asked: Asked, holds: int) -> Tree | None:
    """The smallest for twice as many machines, with as many rails a leaf where somebody may have
    asked for them; None where there is none."""
    kept = network.rails_per_leaf if network.tiers_asked != "auto" else None
    for rails_per_leaf in dict.fromkeys((kept, None)):
        found: list[Tree] = []
        for units in UNITS:
            su = asked.su_max * units
            try:
                larger = replace(asked, nodes_per_su=-(-2 * holds // su), su_max=su)
                found.append(smallest(larger, rails_per_leaf=rails_per_leaf))
            except TreeError:
                continue
        if found:
            return min(found, key=lambda it: (it.switches, it.links))
    return None


def _smaller(network: NetworkPlan, asked: Asked, now: Tree) -> str:
    """Only where it saves half of the switches: rails that share a leaf share its failure."""
    if _places(asked) > FEW:
        return ""
    least, planes = smallest(asked), network.planes
    if 2 * least.switches > now.switches:
        return ""
    return (
        f"{_size(now, planes)} for {_places(asked)} machines{_of_rails(network)}; "
        f"`tiers: auto` would take {_size(least, planes)}."
    )


def _of_rails(network: NetworkPlan) -> str:
    """Sizes are those of a tree whose machines all have every rail; said where some have fewer."""
    return f" of {network.rails} rails" if network.pool_rails else ""


def _size(found: Tree, planes: int) -> str:
    switches, links = found.switches * planes, found.links * planes
    between = f" and {_count(links, 'cable')} between switches" if links else ""
    return f"{_count(switches, 'switch', 'es')}{between}"


def _count(number: int, word: str, more: str = "s") -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}{more}"
