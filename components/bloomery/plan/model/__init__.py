"""The frozen plan: what shall be, with no choice left to the hand that executes.

Plain dataclasses of strings, numbers, tuples and mappings, one file a noun, so that a
slice crosses Pulumi, JSON and a policy unchanged. No secret is ever in a plan; keys are
named by epoch.

What must not live here: how any of it is derived (the files above this folder do that).
"""

from __future__ import annotations

from bloomery.plan.model.cluster import (
    CapacityPlan,
    ClusterPlan,
    CostPlan,
    ProjectPlan,
)
from bloomery.plan.model.cooling import CduPlan, CoolingPlan, LoopPlan, RackFlow
from bloomery.plan.model.fabric import (
    Cable,
    FabricPlan,
    HostPortsPlan,
    MediumPlan,
    NetworkPlan,
    SwitchPlan,
    TenantPlan,
)
from bloomery.plan.model.facts import EgressRoute, SiteFacts, SovereigntyFacts
from bloomery.plan.model.metal import (
    BmcPlan,
    CircuitPlan,
    HallPlan,
    HostPlan,
    Identity,
    MetalPlan,
    ModelPlan,
    NodePlan,
    OsDiskPlan,
    RackItem,
    RackPartPlan,
    RackPlan,
    SourcePlan,
)
from bloomery.plan.model.run import RunPlan
from bloomery.plan.model.software import (
    AcceleratorPlan,
    CollectivePlan,
    HealthPlan,
    PackagePlan,
    RepositoryPlan,
    ServicePlan,
    SoftwarePlan,
)
from bloomery.plan.model.storage import CheckpointPlan, StoragePlan, TierPlan
from bloomery.plan.model.whole import Plan

__all__ = [
    "AcceleratorPlan",
    "BmcPlan",
    "Cable",
    "CapacityPlan",
    "CduPlan",
    "CheckpointPlan",
    "CircuitPlan",
    "ClusterPlan",
    "CollectivePlan",
    "CoolingPlan",
    "CostPlan",
    "EgressRoute",
    "FabricPlan",
    "HallPlan",
    "HealthPlan",
    "HostPlan",
    "HostPortsPlan",
    "Identity",
    "LoopPlan",
    "MediumPlan",
    "MetalPlan",
    "ModelPlan",
    "NetworkPlan",
    "NodePlan",
    "OsDiskPlan",
    "PackagePlan",
    "Plan",
    "ProjectPlan",
    "RackFlow",
    "RackItem",
    "RackPartPlan",
    "RackPlan",
    "RepositoryPlan",
    "RunPlan",
    "ServicePlan",
    "SiteFacts",
    "SoftwarePlan",
    "SourcePlan",
    "SovereigntyFacts",
    "StoragePlan",
    "SwitchPlan",
    "TenantPlan",
    "TierPlan",
]
