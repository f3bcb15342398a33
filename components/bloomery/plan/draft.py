"""A proposal as the two files of a site: values of ``site.yaml`` and places of the machines.

What comes out is an ordinary site that a person may change. Its machines have no identity:
nobody has delivered them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bloomery.plan.device_figures import node_figures
from bloomery.plan.draft_elevation import elevation, spans
from bloomery.plan.proposal import Proposal
from bloomery.plan.storage import TERABYTE_GB
from bloomery.plan.workload import Job
from bloomery.site.cooling.sheet import CLASS_C
from bloomery.site.draft.workload import Coolant, Training, Workload
from bloomery.site.metal.delivery import Place
from bloomery.site.metal.sheet import Pool
from bloomery.site.types.part import Part

Values: TypeAlias = dict[str, object]
"""A mapping of ``site.yaml``."""

TIER = "fast"
"""Name of the tier that takes checkpoints and data."""

WATER = "fws"
"""Name of the facility water."""

SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class Draft:
    """A site that nobody has ordered yet."""

    values: Values
    """Keys of ``site.yaml`` in the order people read them."""
    places: tuple[Place, ...]
    """Machines and where they will stand."""


@dataclass(frozen=True)
class _Ground:
    """Racks by what stands in them, numbered one after the other."""

    names: Mapping[str, tuple[str, ...]]

    def span(self, *kinds: str) -> str:
        """Racks of ``kinds``, which stand side by side, as one span."""
        names = [name for kind in kinds for name in self.names[kind]]
        return names[0] if len(names) == 1 else f"{names[0]}..{names[-1]}"


def draft(workload: Workload, proposal: Proposal) -> Draft:
    """The site that ``proposal`` describes."""
    ground = _ground(proposal)
    values: Values = {
        "site": workload.name,
        "country": workload.country,
        "location": workload.location,
        "release": workload.release,
        "networks": _written(workload.networks),
        "depot": _written(workload.depot),
        "halls": [_written(workload.hall)] if workload.hall else [],
        "racks": _racks(workload, proposal, ground),
        "pools": _pools(workload, proposal),
        "fabric": _fabric(workload, proposal, ground),
        "cooling": _cooling(workload, proposal, ground),
        "storage": _storage(workload, proposal),
        "policy": {"allowed_locations": [workload.location]},
        # Playbooks of the other runs are made for a lab; base holds for every machine.
        "cluster": {"runs": ["base"]} if workload.management else {},
    }
    return Draft(
        values={key: value for key, value in values.items() if value},
        places=tuple(_places(workload, proposal, ground)),
    )


def _written(part: Part, **more: object) -> Values:
    """The keys somebody wrote, and ``more``; a number is in its field's own unit."""
    plain = part.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return {key: _whole(value) for key, value in plain.items()} | more


def _whole(value: object) -> object:
    """Whole numbers without a decimal point, as people write them."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _ground(proposal: Proposal) -> _Ground:
    switches, racks = proposal.switches, proposal.racks
    per_rack = switches.per_rack if switches else 1
    tiers = (switches.leaves, switches.spines, switches.cores) if switches else (0, 0, 0)
    leaves, spines, cores = (-(-tier // per_rack) for tier in tiers)
    counts = {
        "train": racks.training,
        "serve": racks.serving,
        "mgmt": racks.management,
        "leaves": leaves,
        "spines": spines,
        "cores": cores,
    }
    digits = max(2, len(str(sum(counts.values()))))
    names: dict[str, tuple[str, ...]] = {}
    first = 1
    for kind, count in counts.items():
        names[kind] = tuple(f"r{number:0{digits}}" for number in range(first, first + count))
        first += count
    return _Ground(names)


def _racks(workload: Workload, proposal: Proposal, ground: _Ground) -> list[Values]:
    limits, hall = workload.limits, workload.hall
    every: Values = {"units": limits.rack_units, "power_kw": _whole(limits.rack_kw)}
    if hall is not None:
        every["hall"] = hall.name
    return [
        {"name": ground.span(kind), **every, **(_parts(proposal) if kind in GPU else {})}
        for kind, names in ground.names.items()
        if names
    ]


GPU = ("train", "serve")
"""Kinds of racks with machines of the candidate."""


def _parts(proposal: Proposal) -> Values:
    """Where the other parts of a rack-scale rack stand."""
    found = elevation(proposal.model, proposal.racks.gpu_machines)
    units = {"nvlink_units": spans(found.nvlink), "shelf_units": spans(found.shelves)}
    return {key: written for key, written in units.items() if written}


def _pools(workload: Workload, proposal: Proposal) -> list[Values]:
    own = _figures(proposal.candidate)
    found: list[Values] = []
    if proposal.training:
        found.append({"name": "train", "model": own["model"], "purpose": "training", **own})
    if proposal.serving:
        found.append({"name": "serve", "model": own["model"], "purpose": "serving", **own})
    manage = workload.management
    if manage is not None:
        kept = _figures(manage)
        found.append({"name": "mgmt", "model": manage.model, "purpose": "management", **kept})
    return found


def _figures(pool: Pool) -> Values:
    """Keys of a candidate that a pool has too, without its name and purpose."""
    known = set(Pool.model_fields) - {"name", "purpose"}
    return {key: value for key, value in _written(pool).items() if key in known}


def _fabric(workload: Workload, proposal: Proposal, ground: _Ground) -> Values:
    wires, switches = workload.network, proposal.switches
    if switches is None:
        return {}
    tiers: Values = {
        tier: {"racks": [ground.span(tier)], "per_rack": switches.per_rack, "unit": 1}
        for tier in ("leaves", "spines", "cores")
        if ground.names[tier]
    }
    chosen = _written(wires)
    figures = chosen.pop("figures", None)
    compute: Values = {**chosen, "pools": {"train": 1}, "su": switches.su, "rails": switches.rails}
    if switches.tree_tiers == 1 or switches.rails_per_leaf > 1:
        # Written out: what is chosen here stays chosen, whatever becomes of the growth target.
        compute["tiers"] = switches.tree_tiers
        compute["rails_per_leaf"] = switches.rails_per_leaf
    fabric: Values = {"compute": {**compute, **tiers}}
    return {**fabric, "switches": {wires.switch: figures}} if figures else fabric


def _cooling(workload: Workload, proposal: Proposal, ground: _Ground) -> Values:
    coolant, limits = workload.cooling, workload.limits
    if coolant is None or limits.water_c is None or not proposal.loops.count:
        return {}
    classes = [key for key, warmest in CLASS_C.items() if limits.water_c <= warmest]
    water: Values = {
        "name": WATER,
        "class": classes[0] if classes else "W+",
        "supply_max_c": _whole(limits.water_c),
        "insulated": coolant.insulated,
    }
    if limits.water_min_c is not None:
        water["supply_min_c"] = _whole(limits.water_min_c)
    racks = [*ground.names["train"], *ground.names["serve"]]
    return {
        "facility_water": [water],
        "loops": list(_loops(coolant, racks, proposal.loops.cdus)),
    }


def _loops(coolant: Coolant, racks: list[str], cdus: int) -> Iterator[Values]:
    shape = _written(coolant.loop)
    size = coolant.racks_per_loop
    for at in range(0, len(racks), size):
        mine = racks[at : at + size]
        yield {
            "name": f"tcs-{at // size + 1}",
            "racks": [mine[0] if len(mine) == 1 else f"{mine[0]}..{mine[-1]}"],
            "cdus": [_written(coolant.cdu, count=cdus)],
            **shape,
        }


def _storage(workload: Workload, proposal: Proposal) -> Values:
    data = workload.data
    tier: Values = {"name": TIER, "tier": 1, **_written(workload.storage)}
    tier["quota_unit"] = workload.storage.quota_unit
    if data is not None:
        tier["need_tb"] = _whole(round(data.per_day_tb * data.keep_days, 3))
        tier["need_write_gbs"] = round(data.per_day_tb * TERABYTE_GB / SECONDS_A_DAY, 6)
    sized = {job.name: job for job in proposal.jobs if job.purpose == "training"}
    jobs = [_job(job, sized[job.name]) for job in workload.training]
    return {"tiers": [{**tier, "location": workload.location}], "jobs": jobs}


def _job(job: Training, sized: Job) -> Values:
    written = _written(job)
    kept = ("stall_s", "restart_s", "checkpoint_gb", "data_read_gbs", "mtbf_h")
    return {
        "name": job.name,
        "parameters": _whole(job.parameters),
        "gpus": sized.gpus,
        "tier": TIER,
        **{key: written[key] for key in kept if key in written},
    }


def _places(workload: Workload, proposal: Proposal, ground: _Ground) -> Iterator[Place]:
    racks, model = proposal.racks, proposal.model
    gpu = elevation(model, racks.gpu_machines).machines
    numbers = _numbers(workload, proposal)
    yield from _stand("train", numbers, ground.names["train"], gpu)
    yield from _stand("serve", range(1, proposal.serving + 1), ground.names["serve"], gpu)
    manage = workload.management
    if manage is not None:
        units = elevation(node_figures(manage), racks.servers).machines
        yield from _stand("mgmt", range(1, manage.count + 1), ground.names["mgmt"], units)


def _numbers(workload: Workload, proposal: Proposal) -> list[int]:
    """Numbers of the machines that train: a number is a place in the network.

    The last places of unit 1 go to whoever manages it, where ports are reserved.
    """
    wires = workload.network
    last = wires.nodes_per_su
    reserved = -(-wires.reserved_ports // proposal.model.gpus) if proposal.switches else 0
    every = range(1, proposal.training + reserved + 1)
    free = [number for number in every if not last - reserved < number <= last]
    return free[: proposal.training]


def _stand(
    pool: str, numbers: range | list[int], racks: tuple[str, ...], units: tuple[int, ...]
) -> Iterator[Place]:
    digits = max(2, len(str(numbers[-1]))) if numbers else 2
    for at, number in enumerate(numbers):
        rack, place = divmod(at, len(units))
        yield Place(f"{pool}-{number:0{digits}}", pool, racks[rack], units[place])
