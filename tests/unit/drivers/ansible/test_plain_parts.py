"""Files, reasons, requests and sums: everything that needs no process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bloomery.drivers.ansible import files, reason
from bloomery.drivers.ansible.protocol import Job, Target
from bloomery.drivers.ansible.request import Request
from bloomery.drivers.ansible.tally import Tally, hosts_of

KEY = "ssh-ed25519 AAAAkey"


def make_job(**fields: object) -> Job:
    targets = {
        "a": Target("10.0.0.1", 22, "deploy", KEY, ("training", "all_gpu"), {"rack": "r01"}),
        "b": Target("10.0.0.2", 2222, "deploy", KEY, ("training",)),
    }
    return Job("base", targets, "PRIVATE", **fields)  # type: ignore[arg-type]


def test_known_hosts_name_a_port_only_where_it_is_not_the_usual_one():
    assert files.known_hosts(make_job()) == f"10.0.0.1 {KEY}\n[10.0.0.2]:2222 {KEY}\n"


def test_the_inventory_has_hosts_groups_and_variables():
    found = files.inventory(make_job(), Path("/run/x"))["all"]
    assert found["children"]["training"]["hosts"] == {"a": None, "b": None}
    assert found["children"]["all_gpu"]["hosts"] == {"a": None}
    assert found["hosts"]["a"]["rack"] == "r01"
    assert found["hosts"]["b"]["ansible_port"] == 2222


def test_a_target_cannot_talk_its_way_out_of_the_key_file():
    job = Job("x", {"a": Target("h", 22, "u", KEY, (), {"ansible_host": "evil"})}, "k")
    assert files.inventory(job, Path("/p"))["all"]["hosts"]["a"]["ansible_host"] == "h"


def test_host_keys_are_checked_strictly_and_only_against_the_jobs_own():
    text = " ".join(files.ssh_arguments(Path("/p")))
    assert "StrictHostKeyChecking=yes" in text
    assert "UserKnownHostsFile=/p/known_hosts" in text
    assert "GlobalKnownHostsFile=/dev/null" in text
    assert "ServerAliveInterval=2" in text
    assert "ServerAliveCountMax=3" in text


def test_a_request_survives_the_pipe():
    job = make_job(vars={"x": "1"}, secret_vars={"nonce": "ß\n"}, limit=("a",), check=True)
    request = Request(job, Path("/p"), Path("/c"), Path("/sys/x"))
    line = request.encode()
    assert line.count(b"\n") == 1
    assert Request.decode(line) == request


SECRET = st.text(st.characters(min_codepoint=48, max_codepoint=126), min_size=4, max_size=20)
"""Of letters and the like: stars and dots are what the cleaner itself writes."""


@given(SECRET, st.text(max_size=50), st.text(max_size=50))
def test_a_cleaned_text_never_holds_a_secret(secret, before, after):
    cleaned = reason.clean(f"{before}{secret}{after}", [secret])
    assert secret not in cleaned
    assert "\n" not in cleaned
    assert len(cleaned) <= reason.MAX_LENGTH


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"msg": "no such user"}, "no such user"),
        ({"msg": "non-zero return code", "stderr": "a\nb\n"}, "non-zero return code: b"),
        ({"results": [{"msg": "fine"}, {"failed": True, "msg": "bad"}]}, "bad"),
        ({"censored": "..."}, "hidden: the task handles a secret"),
        ({"msg": "Host key verification failed."}, "the host key is not the expected one"),
        ({}, "failed without a message"),
        (None, "failed without a message"),
    ],
)
def test_the_cause_is_one_line(result, expected):
    assert reason.of(result, []) == expected


def event(kind: str, **fields: object) -> dict[str, object]:
    return json.loads(json.dumps({"event": kind, **fields}))


def test_ansibles_own_counts_win_and_the_first_failure_is_kept():
    tally = Tally(("a", "b"))
    tally.take(event("task", task="t1"))
    tally.take(event("ok", host="a", changed=True))
    tally.take(event("failed", host="b", task="t1", reason="first"))
    tally.take(event("failed", host="b", task="t2", reason="second"))
    counts = {"a": {"ok": 1, "changed": 1, "failed": 0, "unreachable": 0}}
    counts["b"] = {"ok": 0, "changed": 0, "failed": 2, "unreachable": 0}
    tally.take(event("stats", hosts=counts, outputs={"x": 1}))
    tally.take(event("end", rc=2, said=""))
    result = tally.result()
    assert result.hosts["a"].converged
    assert (result.hosts["b"].failed_task, result.hosts["b"].reason) == ("t1", "first")
    assert result.outputs == {"x": "1"}


def test_a_run_that_did_not_end_has_converged_nobody():
    tally = Tally(("a", "b"))
    tally.take(event("task", task="slow"))
    tally.take(event("ok", host="a", changed=True))
    result = tally.result(unfinished="not done within 5 s")
    assert {h.reason for h in result.hosts.values()} == {"not done within 5 s"}
    assert not any(h.converged for h in result.hosts.values())
    assert result.hosts["a"].changed == 1


def test_a_limit_keeps_the_order_of_the_targets():
    assert hosts_of(["c", "a", "b"], ["b", "c"]) == ("c", "b")
    assert hosts_of(["c", "a"], []) == ("c", "a")
