"""Site, Run, Acceptance and the provider itself over gRPC."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping

import grpc.aio
import pytest
import pytest_asyncio
from aiohttp import web
from google.protobuf import empty_pb2
from grpc_provider import GrpcProvider, init_failed, marked, urn
from pulumi.runtime.proto import provider_pb2
from site_in_process import SITE, node_plan

from bloomery import __version__
from bloomery.plan.resource_inputs import host_props
from bloomery.provider import serving, values
from bloomery.provider.acceptance import AcceptanceInput
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
        "bloomery:metal:Node",
        "bloomery:ansible:Run",
        "bloomery:evidence:Acceptance",
    }
    assert "identity" in schema["resources"]["bloomery:metal:Node"]["requiredInputs"]


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

    room.shop.context.runner = runner
    work = asyncio.ensure_future(room.create("run", await checked(room)))
    while not [line for line in room.engine.told if "converging" in line.message]:
        await asyncio.sleep(0.002)
    await room.stub.Cancel(empty_pb2.Empty())
    with pytest.raises(grpc.aio.AioRpcError, match="cancelled"):
        await work
    assert ended == ["killed what it started"]


# -- Acceptance


def node_state(**changes: object) -> Props:
    well = {"phase": "reachable", "ready": True, "reason": "", "nextStep": ""}
    return {**well, **changes}  # type: ignore[return-value]


def acceptance(**changes: object) -> Props:
    news = {
        "planDigest": "abc",
        "nodes": {"n01": node_state()},
        "hosts": {"n01": host()},
        "runs": {"base": {"incomplete": [], "reasons": {}, "results": {"n01": "ok=3 changed=0"}}},
        "endpoint": "",
        "modelName": "tiny",
        "nonce": "",
    }
    return {**news, **changes}  # type: ignore[return-value]


def measurements(room: GrpcProvider) -> list[dict[str, object]]:
    folder = room.shop.root / SITE / "evidence" / "measurements"
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


@pytest_asyncio.fixture
async def model(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, object]]:
    """A serving API; the test says what it answers."""
    monkeypatch.setattr(serving, "TRIES", 2)
    monkeypatch.setattr(serving, "PAUSE", 0.01)
    says: dict[str, object] = {"health": 200, "answer": "the code is 00FF"}

    async def health(request: web.Request) -> web.Response:
        return web.Response(status=int(str(says["health"])))

    async def chat(request: web.Request) -> web.StreamResponse:
        says["asked"] = await request.json()
        if "raw" in says:
            return web.Response(text=str(says["raw"]), content_type="application/json")
        content = {"choices": [{"message": {"content": says["answer"]}}]}
        return web.json_response(content, status=int(str(says.get("status", 200))))

    app = web.Application()
    app.router.add_get("/health", health)
    app.router.add_post("/v1/chat/completions", chat)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.83.0.3", 0)
    await site.start()
    says["endpoint"] = f"http://127.83.0.3:{runner.addresses[0][1]}"
    yield says
    await runner.cleanup()


def test_acceptance_takes_what_all_hosts_share() -> None:
    whole = host()
    shared = {key: whole[key] for key in ("sshPort", "user", "keyEpoch")}
    own = {key: value for key, value in whole.items() if key not in shared}
    told = AcceptanceInput.of(acceptance(everyHost=shared, hosts={"n01": own}))
    assert told == AcceptanceInput.of(acceptance())
    with pytest.raises(ValueError, match=r"hosts\.n01\.sshPort is missing|sshPort is missing"):
        AcceptanceInput.of(acceptance(hosts={"n01": own}))


async def test_acceptance_passes_and_writes_a_measurement(room: GrpcProvider, model) -> None:
    room.shop.make_live()
    news = acceptance(endpoint=model["endpoint"], nonce="00FF")
    assert marked((await room.check("acceptance", news)).inputs, "nonce")
    preview = await room.create("acceptance", news, preview=True)
    assert values.read(preview.properties)["outcome"] is UNKNOWN
    made = await room.create("acceptance", news)
    props = values.read(made.properties)
    assert (props["outcome"], props["passed"]) == ("pass", "4/4")
    assert set(room.stored) == {"outcome", "passed", "measurement"}
    assert model["asked"]["temperature"] == 0 and model["asked"]["model"] == "tiny"
    (body,) = measurements(room)
    text = json.dumps(body)
    assert body["answer"] == "the code is 00FF"
    assert body["nonce_sha256"] == hashlib.sha256(b"00FF").hexdigest()
    assert body["plan_digest"] == "abc" and body["site"] == SITE
    assert {verdict["rule"] for verdict in body["verdicts"]} == {  # type: ignore[attr-defined]
        "acceptance.reachable",
        "acceptance.converged",
        "acceptance.health",
        "acceptance.nonce",
    }
    assert body["nodes"] == {"n01": {"phase": "reachable", "ready": True, "reason": "", "next": ""}}
    assert body["runs"] == {"base": {"n01": {"ok": 3, "changed": 0, "reason": ""}}}
    assert '"outcome": "pass"' in text
    name = str(props["measurement"])
    digest = hashlib.sha256(
        (room.shop.root / SITE / "evidence" / "measurements" / name).read_bytes()
    ).hexdigest()
    assert name == f"0001-{digest[:12]}.json"
    same = await room.diff("acceptance", props, news)
    assert same.changes == same.DIFF_NONE
    seen = await room.read("acceptance", made.id, news, props)
    assert values.read(seen.properties) == props
    await room.delete("acceptance", props)
    assert len(measurements(room)) == 1, "evidence stays"


async def test_acceptance_names_each_stuck_machine_and_is_kept(room: GrpcProvider) -> None:
    room.shop.make_live()
    stuck = node_state(phase="install", ready=False, reason="POST hangs", nextStep="pull the plug")
    news = acceptance(
        nodes={"n01": node_state(), "n02": stuck, "n03": node_state()},
        hosts={"n01": host(), "n02": host(2), "n03": host(3)},
        runs={
            "base": {
                "incomplete": ["n02"],
                "reasons": {"n02": "its node is not ready"},
                "results": {},
            }
        },
        nonce="SECRET",
    )
    for number in (2, 3):
        room.shop.add(node_plan(number))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await room.create("acceptance", news)
    detail = init_failed(caught.value)
    assert detail.id == f"{SITE}/acceptance"
    reasons = list(detail.reasons)
    assert "n02: fail: stuck in install: POST hangs; next: pull the plug" in reasons
    assert any(line.startswith("n03: fail: ssh: connection refused; next: ") for line in reasons)
    assert any(line.startswith("run base: fail: n02: its node is not ready") for line in reasons)
    assert not [line for line in reasons if line.startswith("n01")]
    props = values.read(detail.properties)
    assert (props["outcome"], props["passed"]) == ("fail", "1/4")
    assert values.read(detail.inputs) == news
    for struct in (detail.properties, detail.inputs):
        assert marked(struct, "nonce")
    assert "SECRET" not in "".join(reasons) + str(caught.value.details())
    asked = await room.diff("acceptance", props, news)
    assert list(asked.diffs) == ["outcome"]
    with pytest.raises(grpc.aio.AioRpcError) as again:
        await room.update("acceptance", props, news)
    assert list(init_failed(again.value).reasons) == reasons
    assert [body["time"] for body in measurements(room)] == sorted(
        str(body["time"]) for body in measurements(room)
    )
    assert len(measurements(room)) == 2


async def test_acceptance_of_a_host_that_answers_though_its_node_is_stuck(
    room: GrpcProvider,
) -> None:
    room.shop.make_live()
    stuck = node_state(phase="bios", ready=False, reason="key missing", nextStep="reset the BMC")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await room.create("acceptance", acceptance(nodes={"n01": stuck}))
    (line,) = init_failed(caught.value).reasons
    assert line == "n01: fail: answers as n01; stuck in bios: key missing; next: reset the BMC"


async def test_acceptance_of_a_host_that_answers_with_another_key(room: GrpcProvider) -> None:
    room.shop.make_live()
    assert room.shop.metal.disk is not None
    room.shop.metal.disk["ssh_host_ed25519_key.pub"] = "ssh-ed25519 AAAAother"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await room.create("acceptance", acceptance())
    assert "another host key" in init_failed(caught.value).reasons[0]


async def reasons_of(
    room: GrpcProvider, model: dict[str, object], nonce: str = "00FF"
) -> list[str]:
    room.shop.make_live()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await room.create("acceptance", acceptance(endpoint=model["endpoint"], nonce=nonce))
    return list(init_failed(caught.value).reasons)


async def test_weights_of_an_earlier_run_fail(room: GrpcProvider, model) -> None:
    model["answer"] = "the code is DEAD"
    (line,) = await reasons_of(room, model)
    assert ": fail: the answer does not contain the nonce: the server runs other weights" in line


async def test_no_proof_run_is_no_pass(room: GrpcProvider, model) -> None:
    (line,) = await reasons_of(room, model, nonce="")
    assert ": not measured: no proof run has converged" in line


async def test_sick_server_is_named_and_not_measured(room: GrpcProvider, model) -> None:
    model["health"] = 503
    health, nonce = await reasons_of(room, model)
    assert ": fail: /health answered 503" in health
    assert ": not measured: server is not healthy" in nonce


async def test_silent_server_is_not_measured(room: GrpcProvider, model) -> None:
    model["endpoint"] = "http://127.83.0.3:1"
    health, nonce = await reasons_of(room, model)
    assert ": fail: /health answered nothing" in health
    assert ": not measured: " in nonce


@pytest.mark.parametrize("raw", ["[]", "{}", "null", '{"choices": []}', "not json", '"text"'])
async def test_answer_of_another_shape_is_not_measured(room: GrpcProvider, model, raw: str) -> None:
    model["raw"] = raw
    (line,) = await reasons_of(room, model)
    assert ": not measured: " in line
    (body,) = measurements(room)
    assert "acceptance.health" in json.dumps(body), "what was measured is kept"


async def test_refused_question_is_not_measured(room: GrpcProvider, model) -> None:
    model["status"] = 500
    (line,) = await reasons_of(room, model)
    assert ": not measured: ClientResponseError: 500" in line


async def test_acceptance_check_refuses(room: GrpcProvider) -> None:
    news = acceptance()
    del news["nodes"]
    answer = await room.check("acceptance", news)
    assert answer.failures[0].reason == "nodes is missing"
    unknown = await room.check("acceptance", acceptance(nodes={"n01": UNKNOWN}))
    assert not unknown.failures
    assert urn("acceptance").endswith("::n01")
