"""Node over gRPC, as the engine sees it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import grpc
import grpc.aio
import pytest
import yaml
from grpc_provider import GrpcProvider, urn
from site_in_process import CONTROLLER, SITE, SiteInProcess, node_plan, node_props

from bloomery.plan import make_plan
from bloomery.provider import values
from bloomery.provider.values import UNKNOWN, Props
from bloomery.site import find_site, load

UUID = node_plan().identity.system_uuid


def untouched(shop: SiteInProcess) -> bool:
    """Whether no device was so much as spoken to."""
    return not shop.logins and not shop.probes and not shop.reads and not shop.writes


async def live(room: GrpcProvider) -> Props:
    """A node that is up; its outputs as the state has them."""
    made = await room.create("node", node_props(node_plan()))
    room.shop.wrote()
    return values.read(made.properties)


def lasting(outputs: Props) -> Props:
    """Outputs with the ``standing`` less its time: an update writes a new one."""
    time, _, said = str(outputs["standing"]).partition(" ")
    assert time.endswith("Z")
    return {**outputs, "standing": said}


async def test_check_takes_what_the_stack_sends(room: GrpcProvider) -> None:
    news = node_props(node_plan())
    checked = await room.check("node", news)
    assert not checked.failures
    assert values.read(checked.inputs) == {
        key: float(value) if type(value) is int else value for key, value in _floats(news).items()
    }
    assert untouched(room.shop)


def _floats(value):
    if isinstance(value, dict):
        return {key: _floats(item) for key, item in value.items()}
    return float(value) if type(value) is int else value


@pytest.mark.parametrize(
    ("changes", "where", "reason"),
    [
        ({"installGeneration": 0.0}, "installGeneration", "counts from 1"),
        ({"keyEpoch": 0.0}, "keyEpoch", "counts from 1"),
        ({"installGeneration": 1.5}, "node", "not a whole number"),
        ({"onDelete": "wipe"}, "onDelete", "'wipe' is not one of release, power-off"),
        ({"identity": "me"}, "node", "identity is not a mapping"),
        ({"bios": {"Turbo": True}}, "node", "bios.Turbo has the wrong type"),
    ],
)
async def test_check_refuses(room: GrpcProvider, changes: Props, where: str, reason: str) -> None:
    checked = await room.check("node", {**node_props(node_plan()), **changes})
    assert [failure.property for failure in checked.failures] == [where]
    assert reason in checked.failures[0].reason
    assert untouched(room.shop)


async def test_check_names_a_missing_input(room: GrpcProvider) -> None:
    news = node_props(node_plan())
    del news["image"]
    checked = await room.check("node", news)
    assert checked.failures[0].reason == "image is missing"


async def test_check_of_unknown_inputs_waits(room: GrpcProvider) -> None:
    checked = await room.check("node", {**node_props(node_plan()), "image": UNKNOWN})
    assert not checked.failures
    assert values.read(checked.inputs)["image"] is UNKNOWN


async def test_diff_is_pure_and_never_replaces(room: GrpcProvider) -> None:
    made = await live(room)
    room.shop.reads, calls = 0, len(room.shop.logins)
    news = node_props(node_plan())
    same = await room.diff("node", made, news)
    assert same.changes == same.DIFF_NONE
    changes = {
        "image": "https://127.83.0.1/other.iso",
        "installGeneration": 2.0,
        "bios": {"WorkloadProfile": "Balanced"},
        "pool": "other",
        "host": {**news["host"], "address": "10.83.9.9"},  # type: ignore[dict-item]
    }
    for key, value in changes.items():
        some = await room.diff("node", made, {**news, key: value})
        assert some.changes == some.DIFF_SOME
        assert list(some.diffs) == [key]
        assert not some.replaces and not some.deleteBeforeReplace
        assert some.detailedDiff[key].kind == some.detailedDiff[key].__class__.UPDATE
    ignored = await room.diff("node", made, {**news, "image": "x"}, ignore=["image"])
    assert ignored.changes == ignored.DIFF_NONE
    assert (room.shop.reads, len(room.shop.logins)) == (0, calls)


async def test_diff_of_another_identity_names_replace(room: GrpcProvider) -> None:
    made = await live(room)
    news = node_props(node_plan(2, name="n01"))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await room.diff("node", made, news)
    text = caught.value.details() or ""
    assert "another machine is in its place; next: bloomery replace n01" in text
    assert "Unexpected" not in text and "Traceback" not in text


async def test_preview_promises_what_is_known_and_touches_nothing(room: GrpcProvider) -> None:
    made = await room.create("node", node_props(node_plan()), preview=True)
    props = values.read(made.properties)
    assert props["phase"] is UNKNOWN and props["ready"] is UNKNOWN
    assert isinstance(props["installId"], str) and len(props["installId"]) == 12
    stuck: Props = {**props, "ready": False}
    updated = await room.update("node", stuck, node_props(node_plan()), preview=True)
    assert values.read(updated.properties)["reason"] is UNKNOWN
    unknown = await room.create("node", {"image": UNKNOWN}, preview=True)
    assert values.read(unknown.properties)["installId"] is UNKNOWN
    assert untouched(room.shop)


async def test_create_brings_up_and_tells_the_engine(room: GrpcProvider) -> None:
    made = await room.create("node", node_props(node_plan()))
    assert made.id == UUID
    props = values.read(made.properties)
    assert (props["phase"], props["ready"], props["power"]) == ("reachable", True, "On")
    assert (props["reason"], props["nextStep"]) == ("", "")
    assert {key: props[key] for key in ("name", "site")} == {"name": "n01", "site": SITE}
    lines = [line.message for line in room.engine.told]
    assert "n01 is reachable" in lines
    assert [line for line in lines if line == "n01: install"]
    assert {line.urn for line in room.engine.told} == {urn("node")}


async def test_install_id_is_the_one_of_the_preview_and_changes_with_the_generation(
    room: GrpcProvider,
) -> None:
    preview = await room.create("node", node_props(node_plan()), preview=True)
    made = await live(room)
    assert values.read(preview.properties)["installId"] == made["installId"]
    news = node_props(node_plan(install_generation=2))
    again = values.read((await room.update("node", made, news)).properties)
    assert again["installId"] != made["installId"]


async def test_soft_failure_succeeds_and_asks_for_an_update(room: GrpcProvider) -> None:
    room.shop.metal.on, room.shop.metal.progress = True, "OSRunning"
    made = await room.create("node", node_props(node_plan()))
    props = values.read(made.properties)
    assert (props["phase"], props["ready"]) == ("identify", False)
    assert props["reason"] and props["nextStep"]
    asked = await room.diff("node", props, node_props(node_plan()))
    assert list(asked.diffs) == ["ready"]
    warned = [line for line in room.engine.told if line.severity == 2]
    assert "n01 is stuck in identify" in warned[0].message
    await room.shop.metal.power_off(graceful=False)
    healed = await room.update("node", props, node_props(node_plan()))
    assert values.read(healed.properties)["ready"] is True


@pytest.mark.parametrize("what", ["serial", "uuid", "mac"])
async def test_wrong_identity_raises_and_touches_nothing(room: GrpcProvider, what: str) -> None:
    plan = node_plan()
    wrong = {
        "serial": node_props(plan, identity=_identity(chassisSerial="OTHER")),
        "uuid": node_props(plan, identity=_identity(systemUuid="0" * 8)),
        "mac": node_props(plan, identity=_identity(bmcMac="02:00:00:00:00:00")),
    }[what]
    if what != "mac":  # serial and UUID also choose passwords: let it in
        room.shop.fake.accounts.set_password("admin", "left-the-factory-7")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        if what == "serial":
            await _other_serial(room)
        else:
            await room.create("node", wrong)
    text = caught.value.details() or ""
    assert "nothing was changed" in text and "bloomery replace n01" in text
    assert room.shop.writes == []
    assert room.shop.fake.state.asset_tag == ""


def _identity(**changes: str) -> dict[str, str]:
    own = node_props(node_plan())["identity"]
    return {**own, **changes}  # type: ignore[dict-item]


async def _other_serial(room: GrpcProvider) -> None:
    """The delivery list is right; another chassis stands in the rack."""
    shop = room.shop
    shop.add(node_plan(), serial="SWAPPED")
    await room.create("node", node_props(node_plan()))


async def test_read_of_a_healthy_node_changes_nothing(room: GrpcProvider) -> None:
    made = await live(room)
    seen = await room.read("node", UUID, node_props(node_plan()), made)
    assert values.read(seen.properties) == made
    assert seen.id == UUID
    assert room.shop.writes == []


async def test_read_sees_a_changed_bios_and_update_repairs_it(room: GrpcProvider) -> None:
    made = await live(room)
    room.shop.fake.state.bios.now["WorkloadProfile"] = "Balanced"
    seen = values.read((await room.read("node", UUID, made, made)).properties)
    assert seen["bios"] == {"WorkloadProfile": "Balanced"}
    assert room.shop.writes == []
    news = node_props(node_plan())
    assert list((await room.diff("node", seen, news)).diffs) == ["bios"]
    again = values.read((await room.update("node", seen, news)).properties)
    assert lasting(again) == lasting(made)
    assert room.shop.fake.bios.now()["WorkloadProfile"] == "MaxPerformance"


async def test_read_sees_power_off_and_update_repairs_it(room: GrpcProvider) -> None:
    made = await live(room)
    await room.shop.metal.power_off(graceful=False)
    seen = values.read((await room.read("node", UUID, made, made)).properties)
    assert (seen["ready"], seen["power"]) == (False, "Off")
    assert seen["reason"] == "found powered Off"
    assert room.shop.writes == []
    again = values.read((await room.update("node", seen, node_props(node_plan()))).properties)
    assert lasting(again) == lasting(made)
    assert room.shop.metal.installed == [1]


async def test_read_sees_a_silent_host(room: GrpcProvider) -> None:
    made = await live(room)
    room.shop.metal.answers = False
    seen = values.read((await room.read("node", UUID, made, made)).properties)
    assert (seen["ready"], seen["reason"]) == (False, "found without ssh answer")


async def test_read_of_a_silent_bmc_says_so(room: GrpcProvider, monkeypatch) -> None:
    from bloomery.provider.phases.node.limits import LIMITS

    made = await live(room)
    monkeypatch.setitem(LIMITS, "identify", 200.0)
    room.shop.fakes.clear()
    seen = values.read((await room.read("node", UUID, made, made)).properties)
    assert (seen["ready"], seen["phase"]) == (False, "identify")
    assert "nothing listens there" in str(seen["reason"])


async def test_read_of_another_machine_raises(room: GrpcProvider) -> None:
    made = await live(room)
    room.shop.add(node_plan(), serial="SWAPPED")
    room.shop.fake.accounts.set_password("admin", room.shop.derived())
    with pytest.raises(grpc.aio.AioRpcError, match="chassis serial is SWAPPED"):
        await room.read("node", UUID, made, made)


def write_site(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site of these tests as people write it."""
    plan = node_plan()
    site = {
        "site": SITE,
        "country": "UA",
        "location": "UA-lab",
        "lab": True,
        "release": "lab-2026.11",
        "networks": {
            "oob": {"cidr": "127.83.0.0/16", "controller": CONTROLLER},
            "provisioning": {
                "cidr": "10.83.0.0/16",
                "gateway": "10.83.0.1",
                "ssh_port": 22,
                "user": "deploy",
            },
        },
        "depot": {"url": "http://10.83.0.1:8480"},
        "racks": [{"name": "r01", "units": 42, "power_kw": 40}],
        "pools": [{"name": "train", "model": "lab-ghost", "purpose": "training", "bios": {}}],
        "trust": {"key_epoch": 1, "bmc_credentials": "derived"},
        "install_generation": 1,
        "policy": {"allowed_locations": ["UA-lab"]},
        "on_delete": "release",
        "protect": False,
    }
    place = folder / "inventories" / SITE
    place.mkdir(parents=True)
    (place / "site.yaml").write_text(yaml.safe_dump(site, sort_keys=False))
    identity = plan.identity
    (place / "machines.csv").write_text(
        "name,pool,rack,unit,bmc_mac,bmc_address,bmc_cert_sha256,chassis_serial,system_uuid\n"
        f"n01,train,r01,1,{identity.bmc_mac},{plan.bmc.address},,"
        f"{identity.chassis_serial},{identity.system_uuid}\n"
    )
    monkeypatch.setenv("BLOOMERY_INVENTORIES", str(folder / "inventories"))


@pytest.mark.parametrize("identity", [UUID, UUID.upper(), "WRK0001", "n01"])
async def test_import_by_identity_needs_no_inputs(
    room: GrpcProvider, ram: Path, monkeypatch: pytest.MonkeyPatch, identity: str
) -> None:
    write_site(ram, monkeypatch)
    ordered = make_plan(load(find_site(SITE))).node("n01")
    room.shop.metals.clear()
    room.shop.add(ordered)
    room.shop.make_live(ordered)
    seen = await room.read("node", identity)
    assert seen.id == UUID
    props = values.read(seen.properties)
    assert (props["ready"], props["name"]) == (True, "n01")
    assert room.shop.writes == []
    news = _floats(node_props(ordered))
    assert values.read(seen.inputs) == news
    same = await room.diff("node", props, news)
    assert same.changes == same.DIFF_NONE, list(same.diffs)


async def test_import_of_an_unknown_identity_says_what_to_give(
    room: GrpcProvider, ram: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_site(ram, monkeypatch)
    with pytest.raises(grpc.aio.AioRpcError, match="give the system UUID, chassis serial or name"):
        await room.read("node", "n77")


async def test_delete_releases_and_the_machine_is_adopted_again(room: GrpcProvider) -> None:
    made = await live(room)
    logins = len(room.shop.logins)
    await room.delete("node", made)
    assert room.shop.writes == [] and len(room.shop.logins) == logins
    assert room.shop.metal.on
    assert room.shop.journal()[-1] == ("release", "done")
    again = values.read((await room.create("node", node_props(node_plan()))).properties)
    assert again["ready"] is True
    assert room.shop.metal.installed == [1]


async def test_delete_switches_off_where_the_site_says_so(room: GrpcProvider) -> None:
    made = await live(room)
    await room.delete("node", {**made, "onDelete": "power-off"})
    assert room.shop.wrote() == ["power GracefulShutdown"]
    assert not room.shop.metal.on


async def test_delete_does_not_switch_off_another_machine(room: GrpcProvider) -> None:
    made = await live(room)
    room.shop.add(node_plan(), serial="SWAPPED")
    room.shop.metal.on = True
    room.shop.fake.accounts.set_password("admin", room.shop.derived())
    with pytest.raises(grpc.aio.AioRpcError, match="SWAPPED"):
        await room.delete("node", {**made, "onDelete": "power-off"})
    assert room.shop.metal.on and room.shop.writes == []


async def test_delete_that_never_ends_is_an_error(room: GrpcProvider, monkeypatch) -> None:
    from bloomery.provider.phases.node import power
    from bloomery.provider.phases.node.limits import LIMITS

    made = await live(room)
    monkeypatch.setitem(LIMITS, "media", 200.0)
    monkeypatch.setattr(power, "GRACE", 20.0)
    room.shop.metal.stubborn = True
    monkeypatch.setattr(room.shop.fake.power, "reset", lambda kind: None)
    with pytest.raises(grpc.aio.AioRpcError, match="waiting for power Off"):
        await room.delete("node", {**made, "onDelete": "power-off"})


async def test_cancel_stops_the_work_and_the_next_update_goes_on(room: GrpcProvider) -> None:
    from google.protobuf import empty_pb2

    room.shop.metal.install_seconds = 0.3
    work = asyncio.ensure_future(room.create("node", node_props(node_plan())))
    while not room.shop.metal.wiped:
        await asyncio.sleep(0.002)
    await room.stub.Cancel(empty_pb2.Empty())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await work
    assert caught.value.code() is grpc.StatusCode.CANCELLED
    assert "pulumi up goes on from here" in (caught.value.details() or "")
    again = values.read((await room.create("node", node_props(node_plan()))).properties)
    assert again["ready"] is True
    assert (room.shop.metal.installed, room.shop.metal.wiped) == ([1], 1)
    assert not room.shop.fake.sessions.all()


async def test_full_disk_is_a_clear_error_before_anything_is_changed(
    room: GrpcProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno
    import os

    real = os.fsync

    def full(handle: int) -> None:
        if "journal" in str(Path(f"/proc/self/fd/{handle}").readlink()):
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr("bloomery.provider.journal.os.fsync", full)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await room.create("node", node_props(node_plan()))
    assert "No space left on device; next: free space" in (caught.value.details() or "")
    assert room.shop.writes == []
    monkeypatch.setattr("bloomery.provider.journal.os.fsync", real)
    assert values.read((await room.create("node", node_props(node_plan()))).properties)["ready"]


async def test_one_stuck_machine_hides_no_other(ram: Path) -> None:
    from grpc_provider import open_provider

    shop = SiteInProcess.open(ram / "many", machines=4)
    shop.fakes["127.83.1.2:8443"].faults.apply("account-locked")
    async with open_provider(shop) as room:
        made = await asyncio.gather(
            *(room.create("node", node_props(node_plan(number))) for number in range(1, 5))
        )
    ready = [values.read(one.properties)["ready"] for one in made]
    assert ready == [True, False, True, True]
    await shop.close()


async def test_another_machine_fails_only_when_the_others_are_done(ram: Path) -> None:
    from grpc_provider import open_provider

    shop = SiteInProcess.open(ram / "last", machines=3)
    shop.add(node_plan(1), serial="SWAPPED")
    ended: list[int] = []

    async def create(number: int, news: Props) -> None:
        try:
            await room.create("node", news)
        finally:
            ended.append(number)

    async with open_provider(shop) as room:
        made = await asyncio.gather(
            *(create(number, node_props(node_plan(number))) for number in (1, 2, 3)),
            return_exceptions=True,
        )
        warned = [line.message for line in room.engine.told]
    assert ended[-1] == 1, "who is told of a failure starts nothing more"
    assert [type(one) for one in made] == [grpc.aio.AioRpcError, type(None), type(None)]
    assert any("SWAPPED" in line for line in warned), "it is a warning until then"
    await shop.close()
