"""The stack's programme against a monitor that keeps every registration."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pulumi
from pulumi.runtime import mocks, rpc

from bloomery.plan.impact import impact
from bloomery.plan.model import Plan
from bloomery.provider.acceptance.claim import kinds

REPO = Path(__file__).parents[3]
STACKS = str(REPO / "stacks")
STACK = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class Registered:
    """One resource as the engine is told of it."""

    urn: str
    parent: str
    type: str
    custom: bool
    protect: bool
    props: dict[str, object]
    depends: dict[str, tuple[str, ...]]
    """Property -> URNs it waits for."""
    after: frozenset[str]
    """URNs it waits for at all."""
    aliases: tuple[str, ...]
    """URNs and names it was known by."""


class Provider(mocks.Mocks):
    """Answers as the provider does when all goes well; in a preview it knows nothing."""

    def __init__(self, *, preview: bool) -> None:
        self._preview = preview

    def call(self, args: mocks.MockCallArgs) -> tuple[dict, None]:
        return {}, None

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict]:
        if not args.custom or self._preview:
            return None if self._preview else args.name, args.inputs
        made = {
            "bloomery:metal:Node": {
                "phase": "reachable",
                "ready": True,
                "reason": "",
                "nextStep": "",
                "standing": f"2026-11-30T09:00:00Z ready {args.name}",
                "installId": f"install-{args.name}",
            },
            "bloomery:ansible:Run": {
                "incomplete": [],
                "reasons": {},
                "results": {},
                "outputs": {f"said_by_{args.name}": "1"},
                "nonce": f"nonce-{args.name}",
            },
            "bloomery:site:Layer": {"stands": True},
            "bloomery:evidence:Acceptance": {
                "outcome": "pass",
                "passed": "1/1",
                "measurement": "0001.json",
            },
        }.get(args.typ, {})
        return args.name, {**args.inputs, **made}


@dataclass
class Monitor(mocks.MockMonitor):
    """Keeps what is registered, with URNs as the engine makes them."""

    mocks: mocks.Mocks
    resources: dict = field(default_factory=dict)
    seen: dict[str, Registered] = field(default_factory=dict)
    outputs: dict[str, dict] = field(default_factory=dict)

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        chain = parent.split("::")[2] if parent else STACK
        qualified = type_ if chain == STACK else f"{chain}${type_}"
        return f"urn:pulumi:lab::ai-factory::{qualified}::{name}"

    def RegisterResource(self, request):  # noqa: N802 - a name of the wire protocol
        answer = super().RegisterResource(request)
        if request.type != STACK:
            self.seen[answer.urn] = Registered(
                urn=answer.urn,
                parent=request.parent,
                type=request.type,
                custom=request.custom,
                protect=request.protect,
                props=rpc.deserialize_properties(request.object, keep_unknowns=True),
                depends={
                    key: tuple(sorted(value.urns))
                    for key, value in request.propertyDependencies.items()
                },
                after=frozenset(request.dependencies),
                aliases=tuple(one.urn or one.spec.name for one in request.aliases),
            )
        return answer

    def RegisterResourceOutputs(self, request):  # noqa: N802 - a name of the wire protocol
        self.outputs[request.urn] = rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)

    def named(self, name: str) -> Registered:
        """The one resource of that name."""
        (found,) = [one for one in self.seen.values() if one.urn.endswith(f"::{name}")]
        return found


def builders() -> Mapping[str, object]:
    """Layer -> what registers it, as the stack's programme has it."""
    return programme().BUILDERS


def programme() -> ModuleType:
    """The module that registers the layers."""
    if STACKS not in sys.path:
        sys.path.insert(0, STACKS)
    return importlib.import_module("layers")


def build(plan: Plan, *, preview: bool = False) -> Monitor:
    """Run the programme of a small site; every registration has happened on return.

    As the provider it refuses claims that nothing measures.
    """
    provider = Provider(preview=preview)
    monitor = Monitor(provider)
    # The SDK takes the current loop, which whoever ran before may have taken away.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    mocks.set_mocks(provider, project="ai-factory", stack="lab", preview=preview, monitor=monitor)

    @pulumi.runtime.test
    def run() -> None:
        programme().build(plan, impact(None, plan))

    try:
        run()
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    claims = monitor.named("acceptance").props["claims"]
    unknown = sorted(set(claims) - kinds())  # type: ignore[call-overload]
    assert not unknown, f"nothing measures claims of kind {unknown[0]!r}"
    return monitor
