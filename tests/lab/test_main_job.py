"""The main job on real hosts: install, configure, train, serve, accept; then day two.

One lab for all of it, because a training run is minutes; the tests follow each other as
the days of one site do.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from environment import HANGS_S
from killing import gone, kill, with_words
from lab_under_test import RUNS, Pool, Story, changes, write_site
from logging_in import ssh

from bloomery.plan import make_plan
from bloomery.site import load

BLOCK = 98
POOLS = (
    Pool("mgmt", 1, "lab-node", "management"),
    Pool("train", 2, "lab-node", "training"),
    Pool("serve", 1, "lab-node", "serving"),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The site after its first ``pulumi up``."""
    root = tmp_path_factory.mktemp("main")
    write_site(root / "inventories", "mainjob", BLOCK, POOLS, runs=RUNS)
    told = Story.begin(root, "mainjob")
    try:
        told.lab_up()
        told.ready()
        first = told.up()
        (root / "first.txt").write_text(first.stdout)
        assert first.returncode == 0, first.stdout
        yield told
    finally:
        told.lab_down()
        told.sweep()


def measurement(told: Story) -> dict[str, object]:
    """The newest measurement."""
    newest = max((told.state.evidence / "measurements").glob("*.json"))
    return json.loads(newest.read_text())


def answered(told: Story) -> tuple[str, str]:
    """What the server answered when it was last asked, and the digest of what it should hold."""
    tables = measurement(told)["attachments"]
    table = next(it for it in tables if it["kind"] == "serving")  # type: ignore[attr-defined]
    row = dict(zip(table["columns"], table["rows"][0], strict=True))
    return row["answer"], row["SHA-256 of the code"]


def nonce_verdict(told: Story) -> str:
    """Outcome of the nonce rule in the newest measurement."""
    verdicts = measurement(told)["verdicts"]
    return next(v["outcome"] for v in verdicts if v["rule"] == "acceptance.nonce")  # type: ignore[index,union-attr]


def test_first_up_trains_serves_and_is_accepted(site: Story) -> None:
    """From powered off to an answer that only this training run's weights can give."""
    seen = site.resources()
    assert seen["acceptance"]["outcome"] == "pass"
    runs = {name for name in seen if name.startswith("run-")}
    base = {f"run-base-{pool.name}" for pool in POOLS}
    assert runs == {*base, "run-slurm", "run-train", "run-serve"}
    assert all(seen[name]["incomplete"] == [] for name in runs)
    answer, digest = answered(site)
    code = re.search(r"[0-9A-F]{16}", answer)
    assert code, answer
    assert hashlib.sha256(code[0].encode()).hexdigest() == digest


def test_the_nonce_is_in_no_clear_text(site: Story) -> None:
    """State, journals and the engine's output hold no nonce and no secret."""
    code = re.search(r"[0-9A-F]{16}", answered(site)[0])
    assert code
    secret = site.state.secret.read_text().strip()
    places = [*site.state.backend.rglob("*"), *site.state.journal.rglob("*")]
    places += [site.root / "first.txt"]
    for place in places:
        if place.is_file():
            text = place.read_text(errors="replace")
            assert code[0] not in text, place
            assert secret not in text, place


def test_up_again_is_all_same(site: Story) -> None:
    """Nothing to do means nothing done."""
    again = site.up()
    assert again.returncode == 0
    assert set(changes(again)) == {"unchanged"}, again.stdout


def test_drift_of_package_and_unit_is_found_and_repaired(site: Story) -> None:
    """A removed package and a changed file are found by refresh and repaired on that host only."""
    gone_package = ssh(site, "train-01", "sudo dpkg --purge --force-all prometheus-node-exporter")
    assert gone_package.returncode == 0, gone_package.stderr
    unit = "/etc/systemd/system/bloomery-serve.service"
    assert ssh(site, "serve-01", f"echo '# by hand' | sudo tee -a {unit}").returncode == 0
    found = site.pulumi("refresh", "--yes", "--skip-preview")
    assert found.returncode == 0, found.stdout
    drifted = site.resources()["run-base-train"]
    assert drifted["incomplete"] == ["train-01"], drifted["reasons"]
    served = site.resources()["run-serve"]
    assert served["incomplete"] == ["serve-01"], served["reasons"]
    repaired = site.up()
    assert repaired.returncode == 0, repaired.stdout
    assert "base-train: converging train-01" in repaired.stdout
    back = ssh(site, "train-01", "systemctl is-active prometheus-node-exporter")
    assert back.stdout.strip() == "active"
    assert "by hand" not in ssh(site, "serve-01", f"cat {unit}").stdout


def test_weights_of_an_earlier_run_fail_the_acceptance(site: Story) -> None:
    """A server that answers with an older run's code is caught, and repaired by refresh."""
    artifact = next((site.state.path / "artifacts").rglob("*.gguf"))
    old = site.root / "old.gguf"
    old.write_bytes(artifact.read_bytes())
    urns = json.loads(site.pulumi("stack", "export").stdout)["deployment"]["resources"]
    train = next(item["urn"] for item in urns if item["urn"].endswith("Run::run-train"))
    assert site.pulumi("state", "delete", "--yes", "--target-dependents", train).returncode == 0
    again = site.up()
    assert again.returncode == 0, again.stdout
    assert artifact.read_bytes() != old.read_bytes(), "a new run makes other weights"
    assert nonce_verdict(site) == "pass"

    served = ssh(site, "serve-01", "sudo find / -xdev -name '*.gguf' -not -path '/proc/*'").stdout
    path = served.split()[0]
    secret = (site.root / "login", site.root / "known_hosts")
    plan = make_plan(load(site.root / "inventories" / site.name)).node("serve-01")
    line = ["scp", "-i", str(secret[0]), "-o", f"UserKnownHostsFile={secret[1]}"]
    line += ["-o", "StrictHostKeyChecking=yes", str(old)]
    line += [f"{plan.host.user}@{plan.host.address}:old.gguf"]
    copied = subprocess.run(line, check=False, capture_output=True, text=True)
    assert copied.returncode == 0, copied.stderr
    swap = f"sudo cp old.gguf {path} && sudo systemctl restart bloomery-serve"
    assert ssh(site, "serve-01", swap).returncode == 0
    text = (site.root / "inventories/mainjob/site.yaml").read_text()
    (site.root / "inventories/mainjob/site.yaml").write_text(text.replace("UA-lab", "UA-lab2"))
    caught = site.up()
    assert caught.returncode != 0
    assert "the server runs other weights" in caught.stdout
    assert nonce_verdict(site) == "fail"
    mended = site.up("--refresh")
    assert mended.returncode == 0, mended.stdout
    assert nonce_verdict(site) == "pass"


def test_runner_killed_in_the_middle_of_a_run(site: Story) -> None:
    """``kill -9`` of Ansible's process: its children die with it; the next up converges."""
    assert ssh(site, "train-02", "sudo rm /etc/apt/sources.list.d/*.sources").returncode == 0
    assert site.pulumi("refresh", "--yes", "--skip-preview").returncode == 0
    engine = site.start("up", "--yes", "--skip-preview")
    while engine.poll() is None and not with_words(engine.pid, "ansible-playbook"):
        time.sleep(0.02)
    below = with_words(engine.pid, "ansible-playbook")
    assert below, "the run was over before it could be killed"
    kill("runner", engine, site)
    said = engine.communicate(timeout=HANGS_S)[0]
    assert gone(below, 5.0), said
    assert engine.returncode != 0, said
    site.pulumi("cancel", "--yes", site.name)
    done = site.up()
    assert done.returncode == 0, done.stdout


def test_engine_killed_while_guests_install(site: Story) -> None:
    """``kill -9`` of the engine in the middle of a guest's installation: awaited, not repeated."""
    text = (site.root / "inventories/mainjob/site.yaml").read_text()
    (site.root / "inventories/mainjob/site.yaml").write_text(text + "reinstall: {serve-01: 2}\n")
    skip, before = len(site.journal("serve-01")), site.installations("serve-01")
    engine = site.start("up", "--yes", "--skip-preview")
    while engine.poll() is None and not any(
        e["phase"] == "install" and e["event"] == "intent" for e in site.journal("serve-01")[skip:]
    ):
        time.sleep(0.01)
    orphans = kill("engine", engine, site)
    engine.wait(60)
    assert gone(orphans, 5.0)
    site.pulumi("cancel", "--yes", site.name)
    done = site.up()
    assert done.returncode == 0, done.stdout
    assert site.installations("serve-01") == before + 1
    assert site.resources()["acceptance"]["outcome"] == "pass"


def test_destroy_leaves_no_run_behind(site: Story) -> None:
    """Destroy releases; the hosts stay on and reachable."""
    done = site.pulumi("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout
    assert ssh(site, "serve-01", "true").returncode == 0
    assert Path(site.state.secret).exists()
