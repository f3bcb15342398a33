"""Each resource is registered under a type the provider knows, with the outputs it has."""

from __future__ import annotations

import pulumi
import pytest
from pulumi.runtime import mocks

from bloomery.provider.schema import REQUIRED
from bloomery.resources import acceptance, layer, node, run
from bloomery.resources.site import Site


class Engine(mocks.Mocks):
    """Keeps what is registered; the answers are those of a provider that did its work."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, object]]] = []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, object]]:
        self.seen.append((args.typ, dict(args.inputs)))
        return args.name, {**args.inputs, "incomplete": ["n2"], "passed": "11/11"}

    def call(self, args: mocks.MockCallArgs) -> dict[str, object]:
        return {}


@pytest.fixture
async def engine() -> Engine:
    made = Engine()
    mocks.set_mocks(made)
    return made


async def value(output: pulumi.Output[object]) -> object:
    return await output.future()


async def test_what_a_run_found_can_be_read(engine: Engine) -> None:
    made = run.Run("base", {"playbook": "base.yml"})
    assert await value(made.incomplete) == ["n2"]
    assert engine.seen == [("bloomery:ansible:Run", {"playbook": "base.yml"})]


async def test_what_the_acceptance_found_can_be_read(engine: Engine) -> None:
    made = acceptance.Acceptance("acceptance", {"planDigest": "abc"})
    assert await value(made.passed) == "11/11"
    assert engine.seen == [("bloomery:evidence:Acceptance", {"planDigest": "abc"})]


async def test_every_type_is_one_of_the_providers(engine: Engine) -> None:
    for resource in (node.Node, run.Run, acceptance.Acceptance, layer.Layer, Site):
        await value(resource("x", {}).urn)
    assert {kind for kind, _ in engine.seen} == set(REQUIRED)


@pytest.mark.parametrize("module", [run, acceptance])
def test_outputs_are_named_as_they_are_declared(module: object) -> None:
    """An attribute without an output would stay unknown for ever."""
    resource = {run: run.Run, acceptance: acceptance.Acceptance}[module]
    assert set(resource.__annotations__) <= set(module.OUTPUTS)
