"""Acceptance and Layer over gRPC: what is claimed is measured, and what carries nothing fails."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
from collections.abc import AsyncIterator, Mapping

import grpc.aio
import pytest
import pytest_asyncio
from aiohttp import web
from grpc_provider import GrpcProvider, init_failed, marked, urn
from pulumi.runtime.proto import provider_pb2
from site_in_process import SITE, node_plan

from bloomery.plan.resource_inputs import host_props
from bloomery.provider import acceptance as acceptance_room
from bloomery.provider import values
from bloomery.provider.acceptance import converged as converged_kind
from bloomery.provider.acceptance import reachable as reachable_kind
from bloomery.provider.acceptance import serving
from bloomery.provider.acceptance.claim import Measured, kinds
from bloomery.provider.acceptance.inputs import AcceptanceInput
from bloomery.provider.values import UNKNOWN, Props, of_wire

HERE = (converged_kind, reachable_kind, serving)
"""Kinds whose tests stand in this file; a further one brings its own."""


def test_every_kind_is_a_file_that_measures() -> None:
    """A file that is no kind is named in ``OF_THE_ROOM``."""
    assert {kind.__name__.rpartition(".")[2] for kind in HERE} <= kinds()
    for kind in kinds():
        found = importlib.import_module(f"{acceptance_room.__name__}.{kind}")
        assert inspect.iscoroutinefunction(found.measure), kind


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
    assert line.startswith("run base: not measured: no result was reported")


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
            "layer base: run base converged on no host: n01: apt; next: pulumi up",
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
