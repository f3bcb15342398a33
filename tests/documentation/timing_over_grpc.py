"""What the programme registers for the clocks, given to the real provider over gRPC.

Run by test_extending in the copy in which the page was followed: there alone is such a noun.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc.aio
import pytest
from grpc_provider import GrpcProvider, init_failed
from site_in_process import SITE

import bloomery
from bloomery.provider import values
from bloomery.provider.values import Props, of_wire

sys.path.insert(0, str(Path(__file__).parents[1] / "components"))

from mock_engine import build
from test_clock_claims import ADDRESS, Clock
from test_clocks import lab_with

REPO = Path(__file__).parents[3]
SEEN = build(lab_with("base", "timing"))
RUN: Props = of_wire({**SEEN.named("run-timing").props, "ready": {"mgmt-01": True}})  # type: ignore[arg-type]
SHIPPED = REPO / "components" / "bloomery" / "timing" / "clocks.conf.j2"


@pytest.fixture
def other_bytes() -> Iterator[None]:
    """The shipped file says something else."""
    text = SHIPPED.read_text()
    SHIPPED.write_text(f"{text}# changed\n")
    yield
    SHIPPED.write_text(text)


async def checked(room: GrpcProvider) -> Props:
    answer = await room.check("run", RUN)
    assert not answer.failures
    return values.read(answer.inputs)


async def test_the_copy_is_what_is_tested() -> None:
    assert Path(bloomery.__file__).is_relative_to(REPO)


async def test_the_run_converges(room: GrpcProvider) -> None:
    made = values.read((await room.create("run", await checked(room))).properties)
    assert made["incomplete"] == [] and sorted(made["digests"]) == ["mgmt-01"]  # type: ignore[arg-type]
    (job,) = room.shop.jobs
    assert (job.playbook, job.limit) == ("timing", ("mgmt-01",))
    assert job.targets["mgmt-01"].groups == ("clocks",)
    assert job.vars["clock_stratum"] == 8
    assert job.vars["shipped"] == {"timing/clocks.conf.j2": str(SHIPPED)}


async def test_another_shipped_file_is_work(room: GrpcProvider, request) -> None:
    made = values.read((await room.create("run", await checked(room))).properties)
    request.getfixturevalue("other_bytes")
    changed = await checked(room)
    assert list((await room.diff("run", made, changed)).diffs) == ["contentDigest"]
    again = values.read((await room.update("run", made, changed)).properties)
    assert len(room.shop.jobs) == 2 and again["digests"] != made["digests"]


async def test_what_the_component_claims_is_measured(room: GrpcProvider) -> None:
    claims = of_wire(SEEN.named("acceptance").props["claims"])["clock"]  # type: ignore[arg-type,index]
    news: Props = {"site": SITE, "planDigest": "abc", "claims": {"clock": claims}}
    assert not (await room.check("acceptance", news)).failures
    told: Props = claims["subjects"]["mgmt-01"]  # type: ignore[assignment,index,call-overload]
    loop = asyncio.get_running_loop()
    serving, _ = await loop.create_datagram_endpoint(lambda: Clock(b"\x24\x08"), (ADDRESS, 0))
    told |= {"address": ADDRESS, "port": serving.get_extra_info("sockname")[1]}
    made = values.read((await room.create("acceptance", news)).properties)
    assert (made["outcome"], made["passed"]) == ("pass", "1/1")
    serving.close()
    told["port"] = 1
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await room.update("acceptance", made, news)
    (line,) = init_failed(caught.value).reasons
    assert line.startswith("mgmt-01: not measured: no answer over NTP: ")
