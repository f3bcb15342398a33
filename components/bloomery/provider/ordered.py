"""The ordered site, for the one case in which the engine sends no inputs: an import."""

from __future__ import annotations

from bloomery.errors import IdentityError
from bloomery.plan import make_plan
from bloomery.plan.resource_inputs import node_props
from bloomery.provider.values import Props, of_wire
from bloomery.site import find_site, load


def node_of_site(site: str, identity: str) -> Props:
    """Inputs of the node of ``site`` whose system UUID, serial or name is ``identity``."""
    plan = make_plan(load(find_site(site)))
    for node in plan.metal.nodes:
        known_as = (node.identity.system_uuid, node.identity.chassis_serial, node.name)
        if identity.lower() in (text.lower() for text in known_as):
            return of_wire(node_props(plan, node))
    raise IdentityError(
        f"no machine of site {site} has this identity",
        subject=identity,
        next_step="give the system UUID, chassis serial or name of machines.csv",
    )
