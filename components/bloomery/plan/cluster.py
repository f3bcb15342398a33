"""What is served, what each project was promised, and what a year of it costs."""

from __future__ import annotations

from bloomery.plan.capacity import plan_capacity, plan_projects
from bloomery.plan.cost import plan_cost
from bloomery.plan.model import ClusterPlan, MetalPlan
from bloomery.site import Site

SERVING_RUN = "serve"
"""The run whose machines answer at the endpoint."""


def plan_cluster(site: Site, metal: MetalPlan) -> ClusterPlan:
    """Endpoint, projects, capacity and cost; empty where the site says nothing of them."""
    cluster, projects = site.cluster, plan_projects(site)
    serves = cluster is not None and SERVING_RUN in cluster.runs
    serving = [node.host.address for node in metal.nodes if node.purpose == "serving"]
    return ClusterPlan(
        endpoint=f"http://{serving[0]}:{cluster.port}" if cluster and serves and serving else "",
        model_name=cluster.model_name if cluster and serves else "",
        projects=projects,
        capacity=plan_capacity(site, metal, projects),
        cost=plan_cost(site, metal),
    )
