"""How much of the Python stack the SDK is shown."""

from __future__ import annotations

import sys

import pulumi
import pytest
from pulumi.runtime import mocks
from pulumi.runtime import resource as registration

from bloomery.metal.args import NodePoolArgs
from bloomery.metal.component import NodePool
from bloomery.resources.machines import Machines
from bloomery.resources.traces import brief_traces


class Machine(pulumi.CustomResource):
    def __init__(self, name: str) -> None:
        super().__init__("test:index:Machine", name, {})


class Engine(mocks.Mocks):
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, object]]:
        return args.name, args.inputs

    def call(self, args: mocks.MockCallArgs) -> dict[str, object]:
        return {}


@pytest.fixture
async def traces(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Frames stored with every resource made."""
    seen: list[int] = []
    look = registration._get_stack_trace

    def watched():
        # One function more lies between: the limit must let the same frames through.
        limit = getattr(sys, "tracebacklimit", None)
        if limit is not None:
            sys.tracebacklimit = limit + 1
        trace = look()
        if limit is not None:
            sys.tracebacklimit = limit
        seen.append(len(trace.frames))
        return trace

    mocks.set_mocks(Engine())
    monkeypatch.setattr(registration, "_get_stack_trace", watched)
    return seen


async def test_no_frame_of_the_programme_is_stored(traces) -> None:
    Machine("long")
    with brief_traces():
        Machine("brief")
    long, brief = traces
    assert brief == 0
    assert long > 10


async def test_nodes_of_a_pool_are_stored_without_frames(traces) -> None:
    inputs = {"n1": {"name": "n1"}, "n2": {"name": "n2"}}
    machines = Machines("lab", {name: {} for name in inputs})
    NodePool("pool", NodePoolArgs("pool", inputs, machines))
    assert traces[1:] == [0, 0]


def test_the_limit_of_before_is_back_also_after_an_error(monkeypatch) -> None:
    with pytest.raises(KeyError), brief_traces():
        raise KeyError
    assert not hasattr(sys, "tracebacklimit")
    monkeypatch.setattr(sys, "tracebacklimit", 42, raising=False)
    with brief_traces():
        pass
    assert sys.tracebacklimit == 42
