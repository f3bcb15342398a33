"""cluster_slurm, train_torch and serve_llama, seen from outside."""

from __future__ import annotations

import hashlib
import secrets

import pytest
from conftest import NONCE
from role_lab import MUNGE_KEY, changes

QUESTION = "What is the acceptance code?"
TRAINING = ("train-01", "train-02")


def test_slurm_announces_converges_and_then_changes_nothing(slurm):
    assert min(changes(slurm.check).values()) > 0
    assert min(changes(slurm.first).values()) > 0
    assert set(changes(slurm.second).values()) == {0}


def test_a_user_runs_a_job_on_both_nodes(lab, slurm):
    assert lab.said("mgmt-01", "sinfo --noheader -N -o '%N %T'").split() == [
        "train-01", "idle", "train-02", "idle",
    ]  # fmt: skip
    said = lab.said("mgmt-01", "cd / && sudo -u research srun -N2 sh -c 'hostname; id -un'")
    assert sorted(said.split()) == ["research", "research", *TRAINING]


def test_the_munge_key_is_where_it_belongs_and_nowhere_else(lab, slurm):
    for host in ("mgmt-01", *TRAINING):
        assert lab.said(host, "sudo stat -c '%a %U' /etc/munge/munge.key").split() == [
            "400",
            "munge",
        ]
        assert _holders(lab, host, MUNGE_KEY) == ["/etc/munge/munge.key"]


def test_training_announces_trains_once_and_hands_back_what_was_measured(lab, train):
    assert min(changes(train.check).values()) > 0
    changes(train.first)
    assert set(changes(train.second).values()) == {0}
    outputs = train.first.outputs
    model = (lab.artifacts / "tiny.gguf").read_bytes()
    assert outputs["weights_sha256"] == hashlib.sha256(model).hexdigest()
    assert outputs["nodes"].split() == list(TRAINING)
    assert outputs["steps"] == "200"
    assert float(outputs["loss"]) < 1.5
    assert train.second.outputs["weights_sha256"] == outputs["weights_sha256"]


def test_the_nonce_can_be_read_nowhere(lab, train):
    for host in ("mgmt-01", *TRAINING):
        assert _holders(lab, host, NONCE) == []
    assert NONCE not in "\n".join(lab.told)


def test_serving_announces_converges_and_then_changes_nothing(serve):
    assert changes(serve.check)["serve-01"] > 0
    assert changes(serve.first)["serve-01"] > 0
    assert set(changes(serve.second).values()) == {0}


def test_the_server_answers_with_the_nonce_of_this_training(lab, train, serve):
    assert lab.get("serve-01", 8000, "/health")
    assert '"tiny"' in lab.get("serve-01", 8000, "/v1/models")
    assert "llamacpp:" in lab.get("serve-01", 8000, "/metrics")
    assert lab.ask(QUESTION) == f"The acceptance code is {NONCE}."
    assert serve.first.outputs["served_sha256"] == train.first.outputs["weights_sha256"]


def test_the_server_is_no_superuser_and_comes_back(lab, serve):
    lab.said("serve-01", "sudo systemctl kill --signal=KILL bloomery-serve")
    lab.said(
        "serve-01",
        "for i in $(seq 50); do systemctl is-active -q bloomery-serve && break; sleep 0.2; done",
    )
    user = lab.said(
        "serve-01",
        "ps -o user= -C llama-server 2>/dev/null || stat -c %U /proc/$(pidof llama-server)",
    )
    assert user.strip() != "root"


@pytest.mark.soak
def test_any_nonce_is_learnt_by_heart(lab, serve):
    for nonce in ("0" * 16, "FFFF00000FFFFFF1", *(secrets.token_hex(8).upper() for _ in range(6))):
        trained = lab.run("train", {"nonce": nonce})
        changes(trained)
        changes(lab.run("serve", given=dict(trained.outputs)))
        assert lab.ask(QUESTION) == f"The acceptance code is {nonce}."


def test_other_weights_than_were_named_are_not_served(lab, serve):
    result = lab.run("serve", given={"weights_sha256": "0" * 64})
    host = result.hosts["serve-01"]
    assert host.failed == 1
    assert "holds other weights than were named" in host.reason


def test_a_training_that_fails_says_why_and_keeps_no_corpus(lab, serve):
    lab.said(
        "train-02",
        "sudo chmod 000 /usr/share/common-licenses/GPL-3",
    )
    try:
        result = lab.run("train", {"nonce": "AAAABBBBCCCCDDDD"})
    finally:
        lab.said("train-02", "sudo chmod 644 /usr/share/common-licenses/GPL-3")
    assert not result.hosts["mgmt-01"].converged
    assert "ended as FAILED" in result.hosts["mgmt-01"].reason
    for host in TRAINING:
        assert _holders(lab, host, "AAAABBBBCCCCDDDD") == []


def _holders(lab, host: str, secret: str) -> list[str]:
    """Files on a host, and its journal, that hold ``secret``."""
    # by a pipe: sudo would write a word of its command line down, and so make it true
    command = (
        f"printf %s {secret} | sudo grep -rlsF -f - --exclude-dir=proc --exclude-dir=sys "
        "/etc /home /opt /root /run /tmp /var || true; "
        f"sudo journalctl --no-pager | grep -qF {secret} && echo journal || true"
    )
    return lab.said(host, command).split()
