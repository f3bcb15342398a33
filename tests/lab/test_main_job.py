"""The main job on real hosts: the tutorial, typed; then what happens to its site afterwards.

One lab for all of it, because bringing up four hosts and a training run are minutes; the tests
follow each other as the days of one site do. The last one is the tutorial's last step.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkout import REPO, copy_to
from environment import HANGS_S, untouched
from killing import gone, kill, with_words
from lab_under_test import Story
from logging_in import ssh
from reader import Reader, kept

from bloomery.cli.env import environment
from bloomery.plan import make_plan
from bloomery.site import load

NETWORKS = {"127.77.": "127.177.", "10.77.": "10.177."}
"""Networks of the site in the checkout -> those it is typed with here: whoever runs the tests may
have the lab up."""

POOLS = ("mgmt", "train", "serve")

UNIT = "/etc/systemd/system/bloomery-serve.service"


def _move(site: Path) -> None:
    """Give the site other networks."""
    for file in site.iterdir():
        text = file.read_text()
        for ours, other in NETWORKS.items():
            assert ours in text or file.suffix == ".csv", f"{file.name} has no {ours}"
            text = text.replace(ours, other)
        file.write_text(text)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The site of a checkout that somebody has just got; nothing of it is up."""
    root = tmp_path_factory.mktemp("main")
    _move(copy_to(root / "project") / "inventories" / "lab")
    (root / "inventories").symlink_to(root / "project" / "inventories")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "BLOOMERY_"))}
    if "BLOOMERY_CACHE" in os.environ:
        clean["BLOOMERY_CACHE"] = os.environ["BLOOMERY_CACHE"]
    return Story(root, "lab", {**clean, "BLOOMERY_STATE": str(root / "state")})


@pytest.fixture(scope="module")
def reader(told: Story) -> Iterator[Reader]:
    """A shell that knows nothing yet; the lab it makes is taken away in any case."""
    with untouched(REPO / ".venv"):
        begun = Reader.begin(told.root, told.root / "project", told.env)
        try:
            yield begun
        finally:
            begun.leave()
            told.lab_down()
            told.sweep()


@pytest.fixture(scope="module")
def site(told: Story, reader: Reader) -> Story:
    """The site before the tutorial's last step, as seen from another shell."""
    reader.typed(len(reader.steps) - 1)
    env = {
        **told.env,
        "BLOOMERY_INVENTORIES": str(told.root / "inventories"),
        "PATH": f"{REPO / '.venv/bin'}:{told.env['PATH']}",
    }
    return Story(told.root, told.name, {**env, **environment(told.name, env)})


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


def test_the_tutorial_prints_what_it_shows(site: Story, reader: Reader) -> None:
    """Each step ended well, up to where the site is brought up, faulted, repaired and sealed."""
    assert any(step.lab for step in reader.steps)
    done = reader.typed(len(reader.steps) - 1)
    assert all(kept(step, output) for step, output in zip(reader.steps, done, strict=False))


def test_first_up_trains_serves_and_is_accepted(site: Story) -> None:
    """From powered off to an answer that only this training run's weights can give."""
    seen = site.resources()
    assert seen["acceptance"]["outcome"] == "pass"
    runs = {name for name in seen if name.startswith("run-")}
    assert runs == {*(f"run-base-{pool}" for pool in POOLS), "run-slurm", "run-train", "run-serve"}
    assert all(seen[name]["incomplete"] == [] for name in runs)
    answer, digest = answered(site)
    code = re.search(r"[0-9A-F]{16}", answer)
    assert code, answer
    assert hashlib.sha256(code[0].encode()).hexdigest() == digest


def test_the_nonce_is_in_no_clear_text(site: Story, reader: Reader) -> None:
    """State, journals and the engine's output hold no nonce and no secret."""
    code = re.search(r"[0-9A-F]{16}", answered(site)[0])
    assert code
    secret = site.state.secret.read_text().strip()
    done = zip(reader.steps, reader.typed(len(reader.steps) - 1), strict=False)
    said = [output for step, output in done if "pulumi" in step.commands]
    assert len(said) == 4, "a preview and three updates"
    files = [*site.state.backend.rglob("*"), *site.state.journal.rglob("*")]
    texts = {str(path): path.read_text(errors="replace") for path in files if path.is_file()}
    for place, text in {**texts, **{f"update {n}": text for n, text in enumerate(said)}}.items():
        assert code[0] not in text, place
        assert secret not in text, place


def test_drift_of_package_and_unit_is_found(site: Story) -> None:
    """A removed package and a changed file are found by refresh, each on its host."""
    gone_package = ssh(site, "train-01", "sudo dpkg --purge --force-all prometheus-node-exporter")
    assert gone_package.returncode == 0, gone_package.stderr
    assert ssh(site, "serve-01", f"echo '# by hand' | sudo tee -a {UNIT}").returncode == 0
    found = site.pulumi("refresh", "--yes", "--skip-preview")
    assert found.returncode == 0, found.stdout
    drifted = site.resources()["run-base-train"]
    assert drifted["incomplete"] == ["train-01"], drifted["reasons"]
    served = site.resources()["run-serve"]
    assert served["incomplete"] == ["serve-01"], served["reasons"]


def test_a_repair_whose_runner_is_killed_is_finished_by_the_next_up(site: Story) -> None:
    """``kill -9`` of Ansible's process: its children die with it; the next up converges."""
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
    repaired = site.up()
    assert repaired.returncode == 0, repaired.stdout
    assert "base-train: converging train-01" in repaired.stdout
    back = ssh(site, "train-01", "systemctl is-active prometheus-node-exporter")
    assert back.stdout.strip() == "active"
    assert "by hand" not in ssh(site, "serve-01", f"cat {UNIT}").stdout


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
    text = (site.root / "inventories/lab/site.yaml").read_text()
    (site.root / "inventories/lab/site.yaml").write_text(text.replace("UA-lab", "UA-lab2"))
    caught = site.up()
    assert caught.returncode != 0
    assert "the server runs other weights" in caught.stdout
    assert nonce_verdict(site) == "fail"
    mended = site.up("--refresh")
    assert mended.returncode == 0, mended.stdout
    assert nonce_verdict(site) == "pass"


def test_engine_killed_while_guests_install(site: Story) -> None:
    """``kill -9`` of the engine in the middle of a guest's installation: awaited, not repeated."""
    text = (site.root / "inventories/lab/site.yaml").read_text()
    (site.root / "inventories/lab/site.yaml").write_text(text + "reinstall: {serve-01: 2}\n")
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


def test_the_last_step_takes_the_site_down(site: Story, reader: Reader) -> None:
    """What was done to the site in between is in nobody's way."""
    output = reader.type_the_rest()[-1]
    assert kept(reader.steps[-1], output)
    assert "lab removed" in output
    assert Path(site.state.secret).exists()
