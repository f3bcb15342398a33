"""``bloomery:site:Layer``: what is above a layer begins only once the layer stands.

One machine that is stuck stops nobody. A layer of which no machine is ready, or of which a run
converged on no host, carries nothing: it fails, with the reasons, and the engine begins nothing
that depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bloomery.plan.wire import from_wire
from bloomery.provider.context import Context
from bloomery.provider.handler import Change, Checked, Found, InitFailed
from bloomery.provider.phases.standing import stuck_in
from bloomery.provider.values import UNKNOWN, Props, known, settled


@dataclass(frozen=True)
class RunOfLayer:
    """How a run of the layer ended."""

    hosts: tuple[str, ...]
    incomplete: tuple[str, ...]
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class LayerInput:
    """Inputs of a Layer resource, all known."""

    name: str
    machines: Mapping[str, str]
    """Machine -> how it stands."""
    runs: Mapping[str, RunOfLayer]


def failures(layer: LayerInput) -> Iterator[str]:
    """Why the layer carries nothing; none where it stands."""
    stuck = {name: stuck_in(standing) for name, standing in sorted(layer.machines.items())}
    if stuck and all(stuck.values()):
        yield from (f"layer {layer.name}: {name}: {why}" for name, why in stuck.items())
    for name, run in sorted(layer.runs.items()):
        if run.hosts and set(run.hosts) <= set(run.incomplete):
            why = "; ".join(f"{host}: {run.reasons.get(host, '')}" for host in run.incomplete)
            yield f"layer {layer.name}: run {name} converged on no host: {why}; next: pulumi up"


class LayerHandler:
    """Judges a layer by what its machines and runs said of themselves."""

    secrets: tuple[str, ...] = ()

    def __init__(self, context: Context) -> None:
        self._context = context

    def check(self, news: Props) -> Checked:
        """All fields there and of their type."""
        if not known(news):
            return Checked(news)
        try:
            from_wire(LayerInput, settled(news))
        except ValueError as error:
            return Checked(news, {"name": str(error)})
        return Checked(news)

    def diff(self, olds: Props, news: Props) -> Change:
        """Something in it changed, or it does not stand yet."""
        changed = [key for key in news if news[key] != olds.get(key)]
        if olds.get("stands") is not True:
            changed.append("stands")
        return Change(tuple(changed))

    def expect(self, olds: Props, news: Props) -> Props:
        """Whether it stands is not known before."""
        return {**news, "stands": UNKNOWN}

    async def create(self, urn: str, news: Props) -> tuple[str, Props]:
        """Judge."""
        resource_id = f"{self._context.site}/layer/{news['name']}"
        return resource_id, self._judged(resource_id, news)

    async def update(self, urn: str, resource_id: str, olds: Props, news: Props) -> Props:
        """Judge again."""
        return self._judged(resource_id, news)

    def _judged(self, resource_id: str, news: Props) -> Props:
        reasons = list(failures(from_wire(LayerInput, settled(news))))
        made: Props = {**news, "stands": not reasons}
        if reasons:
            raise InitFailed(resource_id, news, made, reasons)
        return made

    async def read(self, urn: str, resource_id: str, inputs: Props, props: Props) -> Found:
        """Its machines and runs are looked at themselves."""
        return Found(resource_id, inputs, props)

    async def delete(self, urn: str, resource_id: str, props: Props) -> None:
        """Nothing to release."""
