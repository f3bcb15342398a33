"""Site, Run, Acceptance and the provider itself over gRPC."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import grpc.aio
import pytest
from google.protobuf import empty_pb2
from grpc_provider import GrpcProvider, marked
from pulumi.runtime.proto import provider_pb2
from site_in_process import SITE, node_plan

from bloomery import __version__
from bloomery.plan.resource_inputs import host_props
from bloomery.provider import values
from bloomery.provider.main import handlers
from bloomery.provider.schema import REQUIRED, VERSION
from bloomery.provider.values import UNKNOWN, Props, of_wire
from bloomery.records import HostResult, RunResult


def host(number: int = 1, install_id: str = "i1") -> Props:
    return {**of_wire(host_props(node_plan(number))), "installId": install_id}


def run_news(**changes: object) -> Props:
    news = {
        "site": SITE,
        "name": "base",
        "playbook": "base",
        "groups": {"training": ["n01", "n02"]},
        "hosts": {"n01": host(1), "n02": host(2)},
        "vars": {"site": SITE},
        "derivedSecrets": [],
        "proof": False,
        "ready": {"n01": True, "n02": True},
        "upstream": {},
        "given": {},
    }
    return {**news, **changes}  # type: ignore[return-value]


async def test_every_type_of_the_schema_has_a_handler(room: GrpcProvider) -> None:
    """One without would end with a KeyError where it is first asked for."""
    assert set(handlers(room.shop.context)) == set(REQUIRED)


async def checked(room: GrpcProvider, **changes: object) -> Props:
    answer = await room.check("run", run_news(**changes))
    assert not answer.failures, list(answer.failures)
    return values.read(answer.inputs)


# -- the provider itself


async def test_plugin_info_and_schema(room: GrpcProvider) -> None:
    assert (await room.stub.GetPluginInfo(empty_pb2.Empty())).version == __version__
    schema = json.loads((await room.stub.GetSchema(provider_pb2.GetSchemaRequest())).schema)
    assert schema["name"] == "bloomery"
    assert set(schema["resources"]) == {
        "bloomery:site:Site",
        "bloomery:site:Layer",
        "bloomery:metal:Node",
        "bloomery:ansible:Run",
        "bloomery:evidence:Acceptance",
    }
    assert "identity" in schema["resources"]["bloomery:metal:Node"]["requiredInputs"]
    assert set(schema["functions"]) == {VERSION}


async def test_it_tells_its_version_and_knows_no_other_function(room: GrpcProvider) -> None:
    told = await room.stub.Invoke(provider_pb2.InvokeRequest(tok=VERSION))
    assert values.read(getattr(told, "return")) == {"version": __version__}
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await room.stub.Invoke(provider_pb2.InvokeRequest(tok="bloomery:index:other"))
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


async def configure(
    room: GrpcProvider, config: Mapping[str, str]
) -> provider_pb2.ConfigureResponse:
    request = provider_pb2.ConfigureRequest(args=values.write(config))
    return await room.stub.Configure(request)


async def test_configure_takes_secrets_and_previews(room: GrpcProvider) -> None:
    said = await configure(room, {"site": SITE, "patience": "0.05", "secret": "file:secret"})
    assert said.acceptSecrets and said.supportsPreview and said.acceptOutputs
    assert room.shop.context.patience == 0.05


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({}, "provider configuration names no site; next: pulumi config set bloomery:site SITE"),
        ({"site": SITE, "patience": "soon"}, "patience 'soon' is not a factor above 0"),
        ({"site": SITE, "patience": "0"}, "patience '0' is not a factor"),
        ({"site": SITE, "patience": "-1"}, "is not a factor"),
        ({"site": SITE, "patience": "inf"}, "is not a factor"),
        ({"site": SITE, "secret": "pkcs11:token"}, "only file: is known"),
        ({"site": "nowhere"}, 'next: eval "$(bloomery env SITE)"'),
    ],
)
async def test_configure_refuses_in_one_line(
    room: GrpcProvider, config: dict[str, str], reason: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await configure(room, config)
    details = caught.value.details() or ""
    assert reason in details
    assert "\n" not in details and "Unexpected" not in details


async def test_config_is_taken_and_never_replaces_the_provider(room: GrpcProvider) -> None:
    old, new = values.write({"site": "a"}), values.write({"site": "b"})
    taken = await room.stub.CheckConfig(provider_pb2.CheckRequest(news=new))
    assert values.read(taken.inputs) == {"site": "b"}
    some = await room.stub.DiffConfig(provider_pb2.DiffRequest(olds=old, news=new))
    assert some.changes == some.DIFF_SOME and not some.replaces
    same = await room.stub.DiffConfig(provider_pb2.DiffRequest(olds=old, news=old))
    assert same.changes == same.DIFF_NONE


# -- Site


async def test_site_echoes_and_is_looked_at_nowhere(room: GrpcProvider) -> None:
    news: Props = {"name": SITE, "country": "UA", "planDigest": "1"}
    assert not (await room.check("site", news)).failures
    assert (await room.check("site", {"country": "UA"})).failures[0].property == "name"
    made = await room.create("site", news)
    assert (made.id, values.read(made.properties)) == (SITE, news)
    assert (await room.diff("site", news, news)).changes == provider_pb2.DiffResponse.DIFF_NONE
    moved = {**news, "planDigest": "2"}
    assert list((await room.diff("site", news, moved)).diffs) == ["planDigest"]
    assert values.read((await room.update("site", news, moved)).properties) == moved
    assert values.read((await room.read("site", SITE, news, news)).properties) == news
    assert values.read((await room.create("site", news, preview=True)).properties) == news
    await room.delete("site", news)


async def test_the_impact_of_a_change_is_no_change_after_it(room: GrpcProvider) -> None:
    """Sealed, the change has nothing left to do: ``up`` again stays "same"."""
    before: Props = {"name": SITE, "planDigest": "1", "impact": {"hours": 3.2, "rings": [1.0]}}
    after: Props = {**before, "impact": {"hours": 0.0, "rings": []}}
    assert (await room.diff("site", before, after)).changes == provider_pb2.DiffResponse.DIFF_NONE
    moved: Props = {**after, "planDigest": "2"}
    assert list((await room.diff("site", before, moved)).diffs) == ["planDigest"]
    assert values.read((await room.update("site", before, moved)).properties) == moved


# -- Run


async def test_run_check_fills_in_the_content_digest(room: GrpcProvider) -> None:
    news = await checked(room)
    assert len(str(news["contentDigest"])) == 64
    unknown = await room.check("run", run_news(ready={"n01": UNKNOWN, "n02": True}))
    assert not unknown.failures and values.read(unknown.inputs)["contentDigest"]
    assert room.shop.jobs == []


@pytest.mark.parametrize(
    ("changes", "where", "reason"),
    [
        ({"playbook": "no-such"}, "playbook", "no playbook 'no-such'"),
        ({"groups": {"training": ["n01", "n09"]}}, "groups", "no host n09"),
        ({"hosts": ["n01"]}, "playbook", "hosts is not a mapping"),
    ],
)
async def test_run_check_refuses(
    room: GrpcProvider, changes: Props, where: str, reason: str
) -> None:
    answer = await room.check("run", run_news(**changes))
    assert [failure.property for failure in answer.failures] == [where]
    assert reason in answer.failures[0].reason


async def test_run_creates_converges_and_is_the_same_afterwards(room: GrpcProvider) -> None:
    news = await checked(room)
    preview = values.read((await room.create("run", news, preview=True)).properties)
    assert preview["incomplete"] is UNKNOWN and preview["nonce"] is UNKNOWN
    assert room.shop.jobs == []
    made = await room.create("run", news)
    assert made.id == f"{SITE}/base"
    props = values.read(made.properties)
    assert props["incomplete"] == [] and set(props["digests"]) == {"n01", "n02"}  # type: ignore[arg-type]
    assert props["results"]["n01"] == "ok=3 changed=1 failed=0 unreachable=0"  # type: ignore[index,call-overload]
    assert marked(made.properties, "nonce")
    same = await room.diff("run", props, news)
    assert same.changes == same.DIFF_NONE
    await asyncio.sleep(0.01)
    lines = [line.message for line in room.engine.told]
    assert "base: converging n01, n02" in lines and "first task" in lines


async def test_run_updates_only_the_changed_host(room: GrpcProvider) -> None:
    news = await checked(room)
    props = values.read((await room.create("run", news)).properties)
    moved = await checked(room, hosts={"n01": host(1), "n02": host(2, "i2")})
    assert list((await room.diff("run", props, moved)).diffs) == ["hosts"]
    room.shop.jobs.clear()
    again = values.read((await room.update("run", props, moved)).properties)
    assert [job.limit for job in room.shop.jobs] == [("n02",)]
    assert again["incomplete"] == []


async def test_run_read_finds_drift_by_check_mode(room: GrpcProvider) -> None:
    news = await checked(room)
    props = values.read((await room.create("run", news)).properties)
    room.shop.jobs.clear()

    def drift(job) -> RunResult:
        good = HostResult("n01", ok=3)
        return RunResult({"n01": good, "n02": HostResult("n02", ok=3, changed=2)})

    room.shop.run_result = drift
    seen = values.read((await room.read("run", f"{SITE}/base", news, props)).properties)
    assert room.shop.jobs[0].check and room.shop.jobs[0].limit == ("n01", "n02")
    assert seen["incomplete"] == ["n02"]
    assert seen["reasons"] == {"n02": "drifted: 2 changes needed"}
    assert list((await room.diff("run", seen, news)).diffs) == ["incomplete"]
    room.shop.run_result = None
    room.shop.jobs.clear()
    again = values.read((await room.update("run", seen, news)).properties)
    assert [job.limit for job in room.shop.jobs] == [("n02",)]
    assert again["incomplete"] == [] and again["reasons"] == {}
    await room.delete("run", again)


async def test_cancelled_run_stops_its_runner(room: GrpcProvider) -> None:
    ended: list[str] = []

    async def runner(job, progress) -> RunResult:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("killed what it started")
        return RunResult()

    room.shop.context.drivers.stand_ins = {"ansible": runner}
    work = asyncio.ensure_future(room.create("run", await checked(room)))
    while not [line for line in room.engine.told if "converging" in line.message]:
        await asyncio.sleep(0.002)
    await room.stub.Cancel(empty_pb2.Empty())
    with pytest.raises(grpc.aio.AioRpcError, match="cancelled"):
        await work
    assert ended == ["killed what it started"]
