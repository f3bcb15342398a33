"""Run: which hosts are converged, what is kept, and what a proof asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_ssh_private_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from site_in_process import SITE, URN, SiteInProcess, node_plan

from bloomery.errors import NotReadyError
from bloomery.plan.resource_inputs import host_props
from bloomery.provider.playbook import RunHost, RunInput
from bloomery.provider.run import RunHandler
from bloomery.provider.values import UNKNOWN, Props, of_wire
from bloomery.records import HostResult, RunResult
from bloomery.trust.keys import host_key, login_key

NAMES = ("n01", "n02", "n03")


def host(number: int, **changes: object) -> Props:
    return of_wire({**host_props(node_plan(number)), "installId": f"i{number}", **changes})  # type: ignore[arg-type]


def news(**changes: object) -> Props:
    made = {
        "name": "train",
        "playbook": "train",
        "groups": {"management": ["n01"], "training": ["n02", "n03"]},
        "hosts": {name: host(number) for number, name in enumerate(NAMES, start=1)},
        "contentDigest": "c" * 64,
        "vars": {"site": SITE},
        "given": {},
        "ready": dict.fromkeys(NAMES, True),
        "upstream": {},
        "derivedSecrets": [],
        "proof": False,
    }
    return {**made, **changes}  # type: ignore[return-value]


def proof(**changes: object) -> Props:
    return news(proof=True, **changes)


@pytest.fixture
def run(shop: SiteInProcess) -> RunHandler:
    return RunHandler(shop.context)


async def up(run: RunHandler, wanted: Props, olds: Props | None = None) -> Props:
    if olds is None:
        return (await run.create(URN, wanted))[1]
    return await run.update(URN, "id", olds, wanted)


def public_of(private: str) -> str:
    """Public line of a private key: its private text differs each time it is written."""
    key = load_ssh_private_key(private.encode(), None).public_key()
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def limits(shop: SiteInProcess) -> list[tuple[str, ...]]:
    said = [job.limit for job in shop.jobs]
    shop.jobs.clear()
    return said


def fails(*names: str, task: str = "install it") -> object:
    def result(job) -> RunResult:
        hosts = {name: HostResult(name, ok=2) for name in job.limit}
        for name in names:
            if name in hosts:
                reason = f"no space on {name}"
                hosts[name] = HostResult(name, ok=1, failed=1, failed_task=task, reason=reason)
        return RunResult(hosts)

    return result


BASE = RunInput.of(news())


@pytest.mark.parametrize(
    "changed",
    [
        replace(BASE, content_digest="d" * 64),
        replace(BASE, vars={"site": "other"}),
        replace(BASE, host_vars={"n02": {"driver": "590"}}),
        replace(BASE, vars={"site": SITE, "port": 1}, host_vars={"n02": {"port": True}}),
        replace(BASE, given={"weights_sha256": "0"}),
        replace(BASE, groups={"management": ("n01", "n02"), "training": ("n03",)}),
        replace(BASE, hosts={**BASE.hosts, "n02": replace(BASE.hosts["n02"], install_id="i9")}),
        replace(BASE, hosts={**BASE.hosts, "n02": replace(BASE.hosts["n02"], key_epoch=2)}),
        replace(BASE, hosts={**BASE.hosts, "n02": replace(BASE.hosts["n02"], address="10.9.9.9")}),
    ],
    ids=["content", "vars", "host", "type", "given", "groups", "install", "epoch", "address"],
)
def test_digest_changes_with_what_convergence_depends_on(changed: RunInput) -> None:
    assert changed.digest("n02") != BASE.digest("n02")


@pytest.mark.parametrize(
    "same",
    [
        replace(BASE, ready={"n02": False}),
        replace(BASE, upstream={"base": ("n01",)}),
        replace(BASE, hosts={**BASE.hosts, "n03": replace(BASE.hosts["n03"], install_id="i9")}),
        replace(BASE, groups={"training": ("n02",), "management": ("n01", "n03")}),
        replace(BASE, vars=dict(reversed(BASE.vars.items()))),
        replace(BASE, host_vars={"n03": {"driver": "590"}}),
        replace(BASE, groups={**BASE.groups, "serving": ("n09",)}, members={"n09": "10.83.1.9"}),
    ],
    ids=["ready", "upstream", "another host", "group", "order", "another's value", "member"],
)
def test_digest_does_not_change_with_the_rest(same: RunInput) -> None:
    """Of a run whose templates list nobody."""
    assert same.digest("n02") == BASE.digest("n02")


LISTING = RunInput.of(
    news(
        reads="groups",
        groups={"management": ["n01"], "training": ["n02", "n03", "n09"]},
        members={"n09": "10.83.1.9"},
    )
)


@pytest.mark.parametrize(
    "changed",
    [
        replace(LISTING, groups={**LISTING.groups, "training": ("n02", "n03")}, members={}),
        replace(
            LISTING,
            groups={**LISTING.groups, "training": ("n02", "n03", "n08", "n09")},
            members={**LISTING.members, "n08": "10.83.1.8"},
        ),
        replace(LISTING, members={"n09": "10.83.1.99"}),
        replace(
            LISTING,
            hosts={**LISTING.hosts, "n03": replace(LISTING.hosts["n03"], address="10.83.1.33")},
        ),
        replace(LISTING, groups={"management": ("n01", "n09"), "training": ("n02", "n03")}),
    ],
    ids=["leaves", "joins", "member's address", "host's address", "group"],
)
def test_who_is_listed_is_content_of_every_host_that_lists_it(changed: RunInput) -> None:
    """slurm.conf and /etc/hosts name everybody: each of them has to be written anew."""
    for name in NAMES:
        assert changed.digest(name) != LISTING.digest(name)


def test_the_installation_of_another_is_nothing_that_is_listed() -> None:
    again = {**LISTING.hosts, "n03": replace(LISTING.hosts["n03"], install_id="i9", key_epoch=2)}
    assert replace(LISTING, hosts=again).digest("n02") == LISTING.digest("n02")


FEW = st.dictionaries(st.text("ab", max_size=2), st.text("ab", max_size=2), max_size=2)


@settings(max_examples=60, deadline=None)
@given(FEW, FEW)
def test_vars_and_given_never_stand_for_each_other(
    one: dict[str, str], two: dict[str, str]
) -> None:
    """Moving a value from one mapping to the other is a change."""
    if one != two:
        first = replace(BASE, vars=one, given=two).digest("n01")
        assert first != replace(BASE, vars=two, given=one).digest("n01")


async def test_failed_host_is_listed_with_task_and_reason_and_tried_alone(
    shop: SiteInProcess, run: RunHandler
) -> None:
    shop.run_result = fails("n02")  # type: ignore[assignment]
    made = await up(run, news())
    assert made["incomplete"] == ["n02"]
    assert made["reasons"] == {"n02": "install it: no space on n02"}
    assert set(made["digests"]) == {"n01", "n03"}  # type: ignore[arg-type]
    assert run.diff(made, news()).properties == ("incomplete",)
    assert limits(shop) == [NAMES]
    shop.run_result = None
    again = await up(run, news(), made)
    assert limits(shop) == [("n02",)]
    assert (again["incomplete"], again["reasons"]) == ([], {})
    assert again["results"]["n01"] == made["results"]["n01"]  # type: ignore[index,call-overload]


async def test_unreachable_and_unmentioned_hosts_are_listed(
    shop: SiteInProcess, run: RunHandler
) -> None:
    shop.run_result = lambda job: RunResult(
        {"n01": HostResult("n01", ok=3), "n02": HostResult("n02", unreachable=1)}
    )
    made = await up(run, news())
    assert made["reasons"] == {"n02": "unreachable", "n03": "was not reached by the playbook"}


async def test_results_of_strangers_are_left_out(shop: SiteInProcess, run: RunHandler) -> None:
    shop.run_result = lambda job: RunResult(
        {name: HostResult(name, ok=1) for name in (*job.limit, "localhost")}
    )
    made = await up(run, news())
    assert set(made["digests"]) == set(made["results"]) == set(NAMES)  # type: ignore[arg-type]


async def test_blocked_hosts_wait_and_the_others_go_on(
    shop: SiteInProcess, run: RunHandler
) -> None:
    blocked = news(ready={"n01": True, "n02": False, "n03": True}, upstream={"slurm": ["n03", "x"]})
    made = await up(run, blocked)
    assert limits(shop) == [("n01",)]
    assert made["reasons"] == {"n02": "its node is not ready", "n03": "waits for run slurm"}
    again = await up(run, news(), made)
    assert limits(shop) == [("n02", "n03")]
    assert again["incomplete"] == []


async def test_all_blocked_runs_nothing(shop: SiteInProcess, run: RunHandler) -> None:
    made = await up(run, news(ready=dict.fromkeys(NAMES, False)))
    assert limits(shop) == []
    assert made["incomplete"] == list(NAMES)


async def test_converged_host_whose_node_is_stuck_stays_converged(
    shop: SiteInProcess, run: RunHandler
) -> None:
    made = await up(run, news())
    limits(shop)
    stuck = news(ready={"n01": True, "n02": False, "n03": True})
    assert run.diff(made, stuck).properties == ()
    again = await up(run, stuck, made)
    assert limits(shop) == [] and again["incomplete"] == []


async def test_a_machine_that_joins_converges_all_that_list_it(
    shop: SiteInProcess, run: RunHandler
) -> None:
    two = {name: host(number) for number, name in ((1, "n01"), (2, "n02"))}
    few = news(reads="groups", groups={"management": ["n01"], "training": ["n02"]}, hosts=two)
    made = await up(run, few)
    assert limits(shop) == [("n01", "n02")]
    more = news(reads="groups")
    assert set(run.diff(made, more).properties) == {"groups", "hosts"}
    made = await up(run, more, made)
    assert limits(shop) == [NAMES]
    await up(run, few, made)
    assert limits(shop) == [("n01", "n02")], "and one that leaves does so too"


async def test_a_listed_machine_is_no_target_of_anything(
    shop: SiteInProcess, run: RunHandler
) -> None:
    """Its address is all that is known of it: no key, no login, no variable."""
    wanted = news(
        reads="all",
        groups={"management": ["n01"], "training": ["n02", "n03", "n09"]},
        members={"n09": "10.83.1.9"},
        hostVars={"n02": {"driver": "590", "gpus": 8.0, "mig": True}},
    )
    await up(run, wanted)
    (job,) = shop.jobs
    assert job.limit == NAMES and set(job.targets) == {*NAMES, "n09"}
    listed = job.targets["n09"]
    assert (listed.address, listed.host_key, listed.user) == ("10.83.1.9", "", "")
    assert listed.groups == ("training",)
    assert repr(job.targets["n02"].vars) == repr({"driver": "590", "gpus": 8, "mig": True})
    assert job.targets["n03"].vars == {}


async def test_what_a_run_ships_is_content_and_reaches_the_playbook(
    shop: SiteInProcess, run: RunHandler
) -> None:
    plain = run.check(news()).inputs["contentDigest"]
    checked = run.check(news(ships=["catalogue/data/fluids"]))
    assert not checked.failures and checked.inputs["contentDigest"] != plain
    await up(run, checked.inputs)
    shipped = shop.jobs[0].vars["shipped"]
    assert Path(shipped["catalogue/data/fluids"]).is_dir()  # type: ignore[index,call-overload]
    for wrong in ("no/such", "../outside", "/etc/passwd"):
        (reason,) = run.check(news(ships=[wrong])).failures.values()
        assert reason == f"a run ships {wrong!r}, which the package does not contain"


async def test_removed_host_is_forgotten(shop: SiteInProcess, run: RunHandler) -> None:
    made = await up(run, news())
    limits(shop)
    two = {name: host(number) for number, name in ((1, "n01"), (2, "n02"))}
    fewer = news(groups={"management": ["n01"], "training": ["n02"]}, hosts=two)
    again = await up(run, fewer, made)
    assert set(again["digests"]) == set(again["results"]) == {"n01", "n02"}  # type: ignore[arg-type]
    assert limits(shop) == [], "what is left did not change"


async def test_outputs_of_a_partial_run_join_those_before(
    shop: SiteInProcess, run: RunHandler
) -> None:
    shop.run_result = lambda job: RunResult(
        {name: HostResult(name, ok=1) for name in job.limit}, {"a": "1"}
    )
    made = await up(run, news())
    shop.run_result = lambda job: RunResult(
        {name: HostResult(name, ok=1) for name in job.limit}, {"b": "2"}
    )
    hosts = {**news()["hosts"], "n03": host(3, installId="i9")}  # type: ignore[dict-item]
    again = await up(run, news(hosts=hosts), made)
    assert again["outputs"] == {"a": "1", "b": "2"}


async def test_job_knows_hosts_keys_groups_and_secrets(
    shop: SiteInProcess, run: RunHandler
) -> None:
    (shop.root / SITE / "depot.asc").write_text("DEPOT KEY")
    await up(run, news(derivedSecrets=["munge_key"], given={"weights_sha256": "7"}))
    (job,) = shop.jobs
    target = job.targets["n02"]
    secret, plan = shop.context.secret, node_plan(2)
    assert target.host_key == host_key(secret, plan.identity.system_uuid, 1).public
    assert (target.address, target.port, target.user) == ("10.83.1.2", 22, "deploy")
    assert target.groups == ("training",)
    assert public_of(job.login_key) == login_key(secret, SITE, 1).public
    assert job.vars["weights_sha256"] == "7" and job.vars["depot_key"] == "DEPOT KEY"
    assert job.vars["artifacts"] == job.artifacts == str(shop.root / SITE / "artifacts")
    assert set(job.secret_vars) == {"munge_key"} and len(job.secret_vars["munge_key"]) == 64
    assert job.secret_vars["munge_key"] not in str(job.vars)
    assert (shop.root / SITE / "artifacts").stat().st_mode & 0o077 == 0
    await up(run, news(derivedSecrets=["munge_key"]))
    assert shop.jobs[1].secret_vars == job.secret_vars, "the same key every time"


async def test_proof_runs_on_all_or_none(shop: SiteInProcess, run: RunHandler) -> None:
    made = await up(run, proof(upstream={"slurm": ["n03"]}))
    assert limits(shop) == []
    assert (made["nonce"], made["incomplete"]) == ("", list(NAMES))
    assert made["reasons"]["n03"] == "waits for run slurm"  # type: ignore[index,call-overload]
    assert made["reasons"]["n01"] == "waits for the rest of the run"  # type: ignore[index,call-overload]


async def test_proof_with_one_bad_host_has_not_proven_anything(
    shop: SiteInProcess, run: RunHandler
) -> None:
    shop.run_result = fails("n02")  # type: ignore[assignment]
    made = await up(run, proof())
    assert (made["nonce"], made["digests"]) == ("", {})
    assert made["incomplete"] == list(NAMES)
    shop.run_result = None
    again = await up(run, proof(), made)
    assert limits(shop) == [NAMES, NAMES]
    assert again["incomplete"] == [] and again["nonce"]


async def test_nonce_is_fresh_each_time_and_travels_as_a_secret(
    shop: SiteInProcess, run: RunHandler
) -> None:
    made = await up(run, proof())
    hosts = {**news()["hosts"], "n03": host(3, installId="i9")}  # type: ignore[dict-item]
    again = await up(run, proof(hosts=hosts), made)
    first, second = (str(one["nonce"]) for one in (made, again))
    assert first != second and len(first) == len(second) == 16
    assert [job.secret_vars["nonce"] for job in shop.jobs] == [first, second]
    assert limits(shop) == [NAMES, NAMES], "one changed host proves nothing alone"
    assert first not in str(shop.log.said)


async def test_blocked_proof_keeps_what_was_handed_over(
    shop: SiteInProcess, run: RunHandler
) -> None:
    """Else one stuck machine would make the server converge again, without weights."""
    shop.run_result = lambda job: RunResult(
        {name: HostResult(name, ok=1) for name in job.limit}, {"weights_sha256": "7"}
    )
    made = await up(run, proof())
    hosts = {**news()["hosts"], "n03": host(3, installId="i9")}  # type: ignore[dict-item]
    stuck = await up(run, proof(hosts=hosts, ready={"n03": False}), made)
    assert stuck["outputs"] == {"weights_sha256": "7"}
    assert (stuck["nonce"], stuck["digests"]) == ("", {})


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (HostResult("n02", ok=3), None),
        (HostResult("n02", ok=3, changed=2), "drifted: 2 changes needed"),
        (HostResult("n02", unreachable=1), "not reachable at refresh"),
        (
            HostResult("n02", ok=1, failed=1, failed_task="sysctl", reason="no"),
            "drifted: sysctl would fail: no",
        ),
        (None, "not reachable at refresh"),
    ],
)
async def test_drift(
    shop: SiteInProcess, run: RunHandler, seen: HostResult | None, why: str | None
) -> None:
    made = await up(run, news())
    rest = {name: HostResult(name, ok=3) for name in ("n01", "n03")}
    shop.run_result = lambda job: RunResult({**rest, **({"n02": seen} if seen else {})})
    found = await run.read(URN, "id", news(), made)
    assert found.props["incomplete"] == (["n02"] if why else [])
    assert found.props["reasons"] == ({"n02": why} if why else {})
    assert found.resource_id == "id"


async def test_read_leaves_proofs_and_the_unconverged_alone(
    shop: SiteInProcess, run: RunHandler
) -> None:
    made = await up(run, proof())
    limits(shop)
    assert (await run.read(URN, "id", proof(), made)).props == made
    none = await up(run, news(ready=dict.fromkeys(NAMES, False)))
    assert (await run.read(URN, "id", news(), none)).props == none
    assert (await run.read(URN, "id", {}, {})).props == {}
    assert limits(shop) == []


def test_input_that_is_not_known_yet_is_named() -> None:
    with pytest.raises(ValueError, match=r"vars\.site is not known yet"):
        RunInput.of(news(vars={"site": UNKNOWN}))
    with pytest.raises(ValueError, match=r"hosts\.n01\.address has the wrong type"):
        RunInput.of(news(hosts={"n01": host(1, address=7.0)}))
    assert isinstance(BASE.hosts["n01"], RunHost)


async def test_missing_content_is_an_error_of_the_machine(
    run: RunHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(playbook: str, ships: list[str]) -> str:
        raise NotReadyError("the Ansible content is missing")

    monkeypatch.setattr("bloomery.provider.run.content_digest", gone)
    assert run.check(news()).failures == {"playbook": "the Ansible content is missing"}
