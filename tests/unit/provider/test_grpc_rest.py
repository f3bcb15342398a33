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
from bloomery.provider import values
from bloomery.provider.acceptance import serving
from bloomery.provider.acceptance.claim import Measured
from bloomery.provider.acceptance.inputs import AcceptanceInput
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
        "bloomery:site:Layer",
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
        ({}, "does not know its site; next: pulumi config set bloomery:site SITE"),
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
    assert seen["reasons"] == {"n02": "drifted: 2 changes wanted"}
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


# -- Acceptance


READY = "2026-11-30T09:00:00Z ready"


def stuck(phase: str, reason: str, next_step: str) -> str:
    return f"2026-11-30T09:00:00Z stuck in {phase}: {reason}; next: {next_step}"


def reachable(*standings: str) -> Props:
    """Claims that machines n01, n02, ... answer."""
    return {
        "subjects": {
            f"n{number:02d}": {**of_wire(host_props(node_plan(number))), "standing": standing}
            for number, standing in enumerate(standings, start=1)
        }
    }


def converged(**run: object) -> Props:
    made = {"incomplete": [], "reasons": {}, "results": {"n01": "ok=3 changed=0"}, **run}
    return {"subjects": {"run base": made}}  # type: ignore[dict-item]


def acceptance(*standings: str, **changes: Props) -> Props:
    claims = {"reachable": reachable(*standings or (READY,)), "converged": converged(), **changes}
    return {"planDigest": "abc", "claims": claims}  # type: ignore[dict-item]


def served(model: Mapping[str, object], nonce: str = "00FF") -> Props:
    """The same, and that a server answers with the nonce."""
    endpoint = str(model["endpoint"])
    serving: Props = {"subjects": {endpoint: {"model": "tiny"}}}
    secrets: Props = {"serving": {endpoint: {"nonce": nonce}}} if nonce else {}
    return {**acceptance(serving=serving), "secrets": secrets}


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


def test_acceptance_takes_what_all_claims_of_a_kind_share() -> None:
    whole = reachable(READY)["subjects"]["n01"]  # type: ignore[index,call-overload]
    shared = {key: whole[key] for key in ("sshPort", "user", "keyEpoch")}
    own = {key: value for key, value in whole.items() if key not in shared}
    told = {"every": shared, "subjects": {"n01": own}}
    (claim,) = AcceptanceInput.of(acceptance(reachable=told)).by_kind()["reachable"]  # type: ignore[arg-type]
    (same,) = AcceptanceInput.of(acceptance()).by_kind()["reachable"]
    assert claim == same and claim.inputs["sshPort"] == 22


async def test_acceptance_passes_and_writes_a_measurement(room: GrpcProvider, model) -> None:
    room.shop.make_live()
    news = served(model)
    assert marked((await room.check("acceptance", news)).inputs, "secrets")
    preview = await room.create("acceptance", news, preview=True)
    assert values.read(preview.properties)["outcome"] is UNKNOWN
    made = await room.create("acceptance", news)
    props = values.read(made.properties)
    assert (props["outcome"], props["passed"]) == ("pass", "4/4")
    assert set(room.stored) == {"outcome", "passed", "measurement"}
    assert model["asked"]["temperature"] == 0 and model["asked"]["model"] == "tiny"
    (body,) = measurements(room)
    assert set(body) == {"schema", "site", "time", "plan_digest", "verdicts", "attachments"}
    assert (body["schema"], body["plan_digest"], body["site"]) == (2, "abc", SITE)
    assert {verdict["rule"] for verdict in body["verdicts"]} == {  # type: ignore[attr-defined]
        "acceptance.reachable",
        "acceptance.converged",
        "acceptance.health",
        "acceptance.nonce",
    }
    tables = {table["kind"]: table for table in body["attachments"]}  # type: ignore[attr-defined]
    assert tables["converged"]["columns"] == ["host", "base"]
    assert tables["converged"]["rows"] == [["n01", "0 of 3"]]
    digest = hashlib.sha256(b"00FF").hexdigest()
    assert tables["serving"]["rows"] == [
        [model["endpoint"], serving.QUESTION, "the code is 00FF", digest]
    ]
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
    news = acceptance(
        READY,
        stuck("install", "POST hangs", "pull the plug"),
        READY,
        converged=converged(incomplete=["n02"], reasons={"n02": "its node is not ready"}),
    )
    news["secrets"] = {"reachable": {"n01": {"word": "SECRET"}}}
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
        assert marked(struct, "secrets")
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
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        news = acceptance(stuck("bios", "key missing", "reset the BMC"))
        await room.create("acceptance", news)
    (line,) = init_failed(caught.value).reasons
    assert line == "n01: fail: stuck in bios: key missing; next: reset the BMC"


async def test_acceptance_of_a_host_that_answers_with_another_key(room: GrpcProvider) -> None:
    room.shop.make_live()
    assert room.shop.metal.disk is not None
    room.shop.metal.disk["ssh_host_ed25519_key.pub"] = "ssh-ed25519 AAAAother"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await room.create("acceptance", acceptance())
    assert "another host key" in init_failed(caught.value).reasons[0]


async def test_a_machine_worked_on_since_is_measured_again(room: GrpcProvider) -> None:
    """Also when it ended as it had before: what was measured was another state."""
    room.shop.make_live()
    made = values.read((await room.create("acceptance", acceptance())).properties)
    later = acceptance(READY.replace("09:00", "10:00"))
    assert list((await room.diff("acceptance", made, later)).diffs) == ["claims"]


async def reasons_of(
    room: GrpcProvider, model: dict[str, object], nonce: str = "00FF"
) -> list[str]:
    room.shop.make_live()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await room.create("acceptance", served(model, nonce))
    return list(init_failed(caught.value).reasons)


async def test_weights_of_an_earlier_run_fail(room: GrpcProvider, model) -> None:
    model["answer"] = "the code is DEAD"
    (line,) = await reasons_of(room, model)
    assert ": fail: the answer does not hold the nonce: these are other weights" in line


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
    del news["planDigest"]
    answer = await room.check("acceptance", news)
    assert answer.failures[0].reason == "planDigest is missing"
    strange = await room.check("acceptance", acceptance(levitating={"subjects": {}}))
    assert strange.failures[0].reason == "nothing measures claims of kind 'levitating'"
    unknown = await room.check("acceptance", acceptance(reachable={"subjects": UNKNOWN}))
    assert not unknown.failures
    assert urn("acceptance").endswith("::n01")


async def not_measured(room: GrpcProvider, **claims: Props) -> list[str]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await room.create("acceptance", {"planDigest": "abc", "claims": claims})  # type: ignore[dict-item]
    return list(init_failed(caught.value).reasons)


async def test_a_claim_that_could_not_be_measured_is_no_pass_and_says_why(
    room: GrpcProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    lame = of_wire({"subjects": {"n01": {"standing": READY}}})
    (line,) = await not_measured(room, reachable=lame)
    assert line.startswith("n01: not measured: its inputs cannot be read: address is missing")
    (line,) = await not_measured(room, levitating={"subjects": {"n01": {}}})
    assert line.startswith("n01: not measured: claims of kind 'levitating' cannot be measured")

    async def silent(context, claims) -> Measured:
        return Measured(())

    monkeypatch.setattr("bloomery.provider.acceptance.converged.measure", silent)
    (line,) = await not_measured(room, converged=converged())
    assert line.startswith("run base: not measured: nothing was said of it")


async def test_nothing_claimed_is_no_pass(room: GrpcProvider) -> None:
    (line,) = await not_measured(room)
    assert "nothing was measured" in line


# -- Layer


def layer(*standings: str, **runs: object) -> Props:
    machines = {f"n{number:02d}": text for number, text in enumerate(standings, start=1)}
    return {"site": SITE, "name": "base", "machines": machines, "runs": runs}  # type: ignore[dict-item]


DEAD = stuck("boot", "POST has not ended", "look at the console")


async def test_a_layer_stands_while_one_of_its_machines_does(room: GrpcProvider) -> None:
    part = {"hosts": ["n01", "n02"], "incomplete": ["n02"], "reasons": {"n02": "not ready"}}
    news = layer(READY, DEAD, base=part)
    assert not (await room.check("layer", news)).failures
    made = await room.create("layer", news)
    props = values.read(made.properties)
    assert (made.id, props["stands"]) == (f"{SITE}/layer/base", True)
    assert (await room.diff("layer", props, news)).changes == provider_pb2.DiffResponse.DIFF_NONE
    assert list((await room.diff("layer", props, layer(DEAD, DEAD))).diffs) == ["machines", "runs"]
    assert values.read((await room.read("layer", made.id, news, props)).properties) == props
    await room.delete("layer", props)


@pytest.mark.parametrize(
    ("news", "reason"),
    [
        (
            layer(DEAD),
            "layer base: n01: stuck in boot: POST has not ended; next: look at the console",
        ),
        (
            layer(READY, base={"hosts": ["n01"], "incomplete": ["n01"], "reasons": {"n01": "apt"}}),
            "layer base: run base converged nowhere: n01: apt; next: pulumi up",
        ),
    ],
)
async def test_a_layer_that_carries_nothing_fails_with_its_reason(
    room: GrpcProvider, news: Props, reason: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await room.create("layer", news)
    detail = init_failed(caught.value)
    assert list(detail.reasons) == [reason]
    props = values.read(detail.properties)
    assert props["stands"] is False
    assert list((await room.diff("layer", props, news)).diffs) == ["stands"]
    well = layer(READY, base={"hosts": ["n01"], "incomplete": [], "reasons": {}})
    assert values.read((await room.update("layer", props, well)).properties)["stands"] is True


async def test_layer_check_refuses(room: GrpcProvider) -> None:
    answer = await room.check("layer", {"site": SITE, "name": "base", "machines": {}})
    assert answer.failures[0].reason == "runs is missing"
