"""Ways to build what a workload asks for: one a candidate model, each with what limits it.

``workload`` counts machines; here they get racks, coolant and switches, and ``afford`` holds
them against what the place gives. ``draft`` turns a proposal into a site, and the rules
judge that like any other.
"""

from __future__ import annotations

import math
from dataclasses import replace

from bloomery.catalogue.cdu import cdu_model
from bloomery.plan.afford import judged
from bloomery.plan.coolant import capacity_at_approach, flow_lpm
from bloomery.plan.cooling import coolant_figures
from bloomery.plan.device_figures import node_figures
from bloomery.plan.draft_elevation import elevation
from bloomery.plan.model import ModelPlan
from bloomery.plan.proposal import Loops, Proposal, Racks, Switches
from bloomery.plan.workload import peak_of, serving_job, training_job
from bloomery.site.cooling.sheet import Cdus
from bloomery.site.draft.workload import Candidate, Coolant, Wires, Workload
from bloomery.site.fabric.sheet import FabricSheet
from bloomery.site.fabric.switches import full_switch_figures
from bloomery.site.fabric.tree import Asked, TreeError, smallest

SPARE = 0.05
"""Share of a rack's power left free: rule P1 warns below it."""


def propose(workload: Workload) -> tuple[Proposal, ...]:
    """One proposal a candidate: those that fit first, then by power."""
    found = [judged(workload, _built(workload, candidate)) for candidate in workload.candidates]
    return tuple(sorted(found, key=lambda it: (bool(it.refused), it.power_kw, it.model.key)))


def _built(workload: Workload, candidate: Candidate) -> Proposal:
    model, peak = node_figures(candidate), peak_of(candidate)
    jobs = (
        *(training_job(job, model, peak) for job in workload.training),
        *(serving_job(job, model, peak) for job in workload.serving),
    )
    training = _whole_racks(sum(it.nodes for it in jobs if it.purpose == "training"), model)
    serving = _whole_racks(sum(it.nodes for it in jobs if it.purpose == "serving"), model)
    racks = _racks(workload, model, training, serving)
    made = Proposal(
        candidate=candidate,
        model=model,
        jobs=jobs,
        training=training,
        serving=serving,
        racks=racks,
        switches=None,
        loops=_loops(workload, model, racks),
        power_kw=0.0,
        air_kw=0.0,
    )
    try:
        return replace(made, switches=_switches(workload, made))
    except TreeError as error:
        return replace(made, refused=(f"compute network: {error}; {error.hint}",))


def _whole_racks(nodes: int, model: ModelPlan) -> int:
    """A rack-scale model is bought by the rack."""
    return math.ceil(nodes / model.trays) * model.trays if model.trays else nodes


def machines_per_rack(model: ModelPlan, workload: Workload) -> int:
    """Machines of one model in a full rack, by power and by height; 0 where none fits."""
    limits = workload.limits
    fits = min(
        math.floor(limits.rack_kw * (1 - SPARE) / model.power_kw + 1e-9),
        math.floor(limits.rack_kw / model.peak_kw + 1e-9),
        limits.rack_units // model.height,
    )
    if model.trays:
        whole = fits >= model.trays and elevation(model, model.trays).height <= limits.rack_units
        return model.trays if whole else 0
    return fits


def _racks(workload: Workload, model: ModelPlan, training: int, serving: int) -> Racks:
    gpu = machines_per_rack(model, workload)
    manage = workload.management
    servers = machines_per_rack(node_figures(manage), workload) if manage else 0
    return Racks(
        training=_pieces(training, gpu),
        serving=_pieces(serving, gpu),
        management=_pieces(manage.count, servers) if manage else 0,
        gpu_machines=gpu,
        servers=servers,
    )


def _pieces(amount: int, size: int) -> int:
    """Pieces of ``size`` that hold ``amount``; 0 where none fits: that is refused elsewhere."""
    return math.ceil(amount / size) if size else 0


def _switches(workload: Workload, made: Proposal) -> Switches | None:
    """The smallest tree for all machines that train. Raises TreeError where there is none."""
    wires = workload.network
    if not made.training:
        return None
    su = math.ceil((made.training + _managers(wires, made)) / wires.nodes_per_su)
    rails = made.model.gpus
    switch = full_switch_figures(FabricSheet(switches={wires.switch: wires.figures}), wires.switch)
    radix = switch.cages * switch.per_cage[wires.speed_gbps]
    found = smallest(
        Asked(radix, rails, wires.nodes_per_su, su_max=su, managers=wires.reserved_ports)
    )
    spines = found.pods(su) * found.pod_spines
    leaves, count = su * found.unit_leaves, found.switches
    limits = workload.limits
    per_rack = min(
        limits.rack_units // switch.height_u,
        math.floor(limits.rack_kw * (1 - SPARE) / switch.power_kw + 1e-9),
    )
    tiers = (leaves, spines, found.cores)
    return Switches(
        su=su,
        rails=rails,
        tree_tiers=found.tiers,
        rails_per_leaf=found.rails_per_leaf,
        leaves=leaves,
        spines=spines,
        cores=found.cores,
        cables=made.training * rails + wires.reserved_ports + found.links,
        per_rack=per_rack,
        racks=sum(_pieces(tier, per_rack) for tier in tiers),
        power_kw=round(count * switch.power_kw, 3),
    )


def _managers(wires: Wires, made: Proposal) -> int:
    """Places of machines that ports of the fabric's managers take, one a rail."""
    return math.ceil(wires.reserved_ports / made.model.gpus)


def _loops(workload: Workload, model: ModelPlan, racks: Racks) -> Loops:
    coolant, water = workload.cooling, workload.limits.water_c
    if coolant is None or water is None or not model.liquid_share:
        return Loops()
    full = racks.training + racks.serving
    count = math.ceil(full / coolant.racks_per_loop)
    if not count:
        return Loops()
    rack_kw = racks.gpu_machines * model.peak_kw * model.liquid_share
    loop_kw = min(coolant.racks_per_loop, full) * rack_kw
    density, heat = coolant_figures(coolant.loop)
    rise = coolant.loop.planned_return_c - coolant.loop.supply_c
    cdus = _cdus(coolant, water, loop_kw, flow_lpm(loop_kw, density, heat, rise))
    return Loops(
        count=count,
        cdus=cdus,
        heat_kw=round(full * rack_kw, 3),
        flow_lpm=round(flow_lpm(full * rack_kw, density, heat, rise), 3),
        power_kw=round(count * cdus * _figure(coolant.cdu, "power_kw"), 3),
    )


def _cdus(coolant: Coolant, water_c: float, heat_kw: float, flow: float) -> int:
    """CDUs of one loop so that any one may be out; 0 where the water is too warm for any."""
    rated = _figure(coolant.cdu, "capacity_kw")
    approach = _figure(coolant.cdu, "approach_k")
    each = _figure(coolant.cdu, "flow_lpm")
    there = capacity_at_approach(rated, approach, coolant.loop.supply_c - water_c)
    if not there or not each:
        return 0
    return max(math.ceil(heat_kw / there), math.ceil(flow / each)) + 1


def _figure(order: Cdus, key: str) -> float:
    """A figure of the CDU: the writer's own, or the catalogue's. Loading sees that there is one."""
    own, known = getattr(order, key), getattr(cdu_model(order.model), key)
    return float(own if own is not None else known.value if known else 0.0)
