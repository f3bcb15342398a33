"""One ``workload.yaml`` into one frozen ``Workload``, or every fault of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bloomery.catalogue import NodeModel, node_models, switch_model
from bloomery.catalogue.cdu import cdu_models
from bloomery.errors import Fault, FaultsError
from bloomery.site.draft.workload import Candidate, Workload
from bloomery.site.host_addresses import address_faults
from bloomery.site.load import read_document
from bloomery.site.metal.sheet import Pool
from bloomery.site.reading.document import Document
from bloomery.site.reading.document import Path as Place
from bloomery.site.reading.fault_texts import tell


def load_workload(path: Path | str) -> Workload:
    """Read the workload in file ``path``. Raises FaultsError with all its faults."""
    document = read_document(Path(path))
    workload = _validated(document)
    document.faults.extend(address_faults(document, Workload))
    sound, broken = _sound(document)
    for needs, check in CHECKS if document.data is not None else ():
        if not broken.intersection(needs):
            document.faults.extend(check(document, sound))
    if document.faults or workload is None:
        faults = dict.fromkeys(document.faults)
        raise FaultsError(sorted(faults, key=lambda fault: fault.line))
    return workload


def _validated(document: Document) -> Workload | None:
    if document.data is None:
        return None
    try:
        return Workload.model_validate(document.data)
    except ValidationError as error:
        document.faults.extend(document.fault(*told) for told in tell(Workload, error))
        return None


def _sound(document: Document) -> tuple[Workload, set[str]]:
    """The sections that are sound in themselves, and the names of those that are not.

    So that what only shows when sections are seen together is told even where another is
    at fault.
    """
    data, parts, broken = document.data or {}, {}, set[str]()
    for name, field in Workload.model_fields.items():
        key = field.alias or name
        if key not in data and not field.is_required():
            continue
        try:
            parts[name] = TypeAdapter(field.rebuild_annotation()).validate_python(data[key])
        except (KeyError, ValidationError):
            broken.add(name)
    return Workload.model_construct(**parts), broken


def _place(document: Document, workload: Workload) -> Iterator[Fault]:
    if not workload.location.startswith(f"{workload.country}-"):
        reason = f"{workload.location!r} is not in country {workload.country}"
        yield document.fault(("location",), reason, f"{workload.country}-place")


def _no_work(document: Document, workload: Workload) -> Iterator[Fault]:
    if not workload.training and not workload.serving:
        yield document.fault((), "neither training nor serving", "give training or serving")


def _jobs(document: Document, workload: Workload) -> Iterator[Fault]:
    for key, jobs in (("training", workload.training), ("serving", workload.serving)):
        yield from _taken_twice(document, key, [job.name for job in jobs])


def _candidates(document: Document, workload: Workload) -> Iterator[Fault]:
    models = [candidate.model for candidate in workload.candidates]
    yield from _taken_twice(document, "candidates", models, "model")
    for at, candidate in enumerate(workload.candidates):
        yield from _missing(document, ("candidates", at), candidate)
        yield from _no_gpu(document, ("candidates", at), candidate)


def _management(document: Document, workload: Workload) -> Iterator[Fault]:
    if workload.management is not None:
        yield from _missing(document, ("management",), workload.management)


def _taken_twice(
    document: Document, key: str, names: list[str], field: str = "name"
) -> Iterator[Fault]:
    for at, name in enumerate(names):
        if name in names[:at]:
            hint = f"{key}[{names.index(name)}] has it"
            yield document.fault((key, at, field), f"{field} {name!r} is taken", hint)


def _missing(document: Document, place: Place, pool: Pool) -> Iterator[Fault]:
    """Figures that differ from build to build, or that no public source gives."""
    for key in node_models()[pool.model].asks:
        if getattr(pool, key, None) is None:
            reason = f"{pool.model!r} has no public figure for {key!r}"
            yield document.fault((*place, "model"), reason, f"give {key} of the machine you buy")


def _no_gpu(document: Document, place: Place, candidate: Candidate) -> Iterator[Fault]:
    model = node_models()[candidate.model]
    if model.virtual != "none" or model.gpus is None:
        reason = f"{candidate.model!r} is no GPU machine of metal"
        yield document.fault((*place, "model"), reason, f"one of {', '.join(_gpu_models())}")
    elif candidate.peak_tflops_bf16 is None and model.peak_tflops_bf16 is None:
        reason = f"{candidate.model!r} has no BF16 peak with a source"
        hint = "give peak_tflops_bf16, dense, of one GPU"
        yield document.fault((*place, "model"), reason, hint)


def _gpu_models() -> list[str]:
    def fits(model: NodeModel) -> bool:
        return model.virtual == "none" and model.gpus is not None

    return [key for key, model in node_models().items() if fits(model)]


def _coolant(document: Document, workload: Workload) -> Iterator[Fault]:
    for at, candidate in enumerate(workload.candidates):
        share = node_models()[candidate.model].liquid_share
        if not (candidate.liquid_share if candidate.liquid_share is not None else share):
            continue
        place: Place = ("candidates", at, "model")
        reason = f"{candidate.model!r} is cooled by liquid"
        if workload.cooling is None:
            yield document.fault(place, reason, "describe cooling, or try another model")
        if workload.limits.water_c is None:
            yield document.fault(place, reason, "give limits.water_c")


def _cdu(document: Document, workload: Workload) -> Iterator[Fault]:
    if workload.cooling is None:
        return
    order = workload.cooling.cdu
    model = cdu_models()[order.model]
    for key in ("capacity_kw", "approach_k", "flow_lpm", "head_kpa", "power_kw"):
        if getattr(order, key) is None and getattr(model, key) is None:
            reason = f"{order.model!r} has no {key!r} with a source"
            yield document.fault(("cooling", "cdu", "model"), reason, f"give cooling.cdu.{key}")
    if order.count is not None or order.names:
        key = "count" if order.count is not None else "names"
        reason = "how many CDUs a loop has follows from its heat"
        yield document.fault(("cooling", "cdu", key), reason, "remove it")


def _switch(document: Document, workload: Workload) -> Iterator[Fault]:
    wires = workload.network
    model, own = switch_model(wires.switch), wires.figures
    known = {
        "height_u": own.height_u or model.height_u,
        "power_kw": own.power_kw or model.power_kw,
        "cages": own.cages or model.cages,
    }
    for key in [key for key, figure in known.items() if not figure]:
        reason = f"{wires.switch!r} has no {key!r} with a source"
        yield document.fault(("network", "switch"), reason, f"give network.figures.{key}")
    speeds = {mode.speed_gbps.value for mode in model.modes} | set(map(float, own.per_cage))
    if wires.speed_gbps not in speeds:
        reason = f"{wires.switch!r} has no ports of {wires.speed_gbps:g} Gb/s"
        found = ", ".join(f"{speed:g}" for speed in sorted(speeds)) or "none"
        yield document.fault(("network", "speed_gbps"), reason, f"speeds it has: {found}")
    if wires.kind != model.kind:
        reason = f"{wires.switch!r} is for {model.kind}, not {wires.kind}"
        yield document.fault(("network", "kind"), reason, f"{model.kind}, or another switch")
    if (wires.kind == "ethernet") != (wires.addresses is not None):
        reason = "addresses are required on ethernet and not allowed on infiniband"
        yield document.fault(("network", "kind"), reason)


def _keys(document: Document, workload: Workload) -> Iterator[Fault]:
    tier = workload.storage
    if tier.encrypted != (tier.key_custody is not None):
        reason = "encrypted and key_custody are required together"
        yield document.fault(("storage", "encrypted"), reason, "give both or neither")


Check = Callable[[Document, Workload], Iterator[Fault]]
"""One thing that shows only when sections are seen together."""

CHECKS: Sequence[tuple[Sequence[str], Check]] = (
    (("country", "location"), _place),
    (("training", "serving"), _no_work),
    (("training", "serving"), _jobs),
    (("candidates",), _candidates),
    (("candidates", "cooling", "limits"), _coolant),
    (("management",), _management),
    (("cooling",), _cdu),
    (("network",), _switch),
    (("storage",), _keys),
)
"""Sections that must be sound, and what is then asked of them."""
