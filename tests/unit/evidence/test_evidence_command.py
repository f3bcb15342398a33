"""``bloomery evidence`` and ``bloomery report`` on a real stack of the real engine.

The programme registers a Site as a component, so no provider and no machine is needed;
state, backend and secret lie in a directory of the test's own.
"""

from __future__ import annotations

import datetime
import gzip
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from sealing import measure

from bloomery.cli.evidence_sources import provenance
from bloomery.evidence.chain import read_head
from bloomery.plan import Plan, make_plan
from bloomery.plan.resource_inputs import site_props
from bloomery.site import load
from bloomery.statedir import StateDir

REPO = Path(__file__).resolve().parents[3]
BIN = Path(sys.prefix) / "bin"

PROGRAMME = """import json
from pathlib import Path

import pulumi

for name, (kind, props) in json.loads(Path("resources.json").read_text()).items():
    pulumi.ComponentResource(kind, name, props)
"""

NODE = {
    "name": "mgmt-01",
    "identity": {"bmcMac": "02:84:00:00:00:01", "chassisSerial": "CH-1", "systemUuid": "u-1"},
    "bmc": {"address": "127.84.1.2:8443", "certSha256": ""},
    "host": {"address": "10.84.1.2", "prefix": 16, "gateway": "10.84.0.1"},
    "installGeneration": 1,
    "keyEpoch": 1,
    "onDelete": "release",
}


@dataclass
class Desk:
    """A shell in a project, with one site."""

    folder: Path
    env: dict[str, str]
    state: StateDir

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(words), cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=180
        )

    def bloomery(self, *words: str, code: int = 0) -> str:
        done = self.run("bloomery", *words)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def up(self) -> None:
        exports = self.run(
            "bash", "-c", 'eval "$(bloomery env lab)" && pulumi up --yes --skip-preview'
        )
        assert exports.returncode == 0, exports.stdout + exports.stderr

    def resources(self, **site: object) -> None:
        props = {**site_props(self.plan()), **site}
        listed = {
            "lab": ("bloomery:site:Site", props),
            "mgmt-01": ("bloomery:metal:Node", NODE),
            "cluster": ("bloomery:cluster:Cluster", {"projects": [], "capacity": []}),
        }
        (self.folder / "resources.json").write_text(json.dumps(listed))

    def plan(self) -> Plan:
        return make_plan(load(self.folder / "inventories" / "lab"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    if not (BIN / "pulumi").exists() and shutil.which("pulumi") is None:
        pytest.fail("no pulumi on PATH or in the virtual environment: run make setup first")
    folder = tmp_path / "project"
    shutil.copytree(REPO / "inventories" / "lab", folder / "inventories" / "lab")
    shutil.copytree(REPO / "policies" / "sovereign", folder / "policies" / "sovereign")
    (folder / "__main__.py").write_text(PROGRAMME)
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (folder / "Pulumi.yaml").write_text(json.dumps({"name": "evidence-test", "runtime": runtime}))
    env = {
        "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
        "HOME": str(tmp_path),
        "BLOOMERY_STATE": str(tmp_path / "state"),
        "BLOOMERY_CACHE": str(tmp_path / "cache"),
    }
    made = Desk(folder, env, StateDir(tmp_path / "state" / "lab"))
    made.resources()
    identity = ["-c", "user.name=A. Author", "-c", "user.email=author@example.org"]
    for words in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "First"]):
        assert made.run("git", *words).returncode == 0
    return made


def measured(desk: Desk) -> None:
    """As if an Acceptance had just run."""
    now = datetime.datetime.now(datetime.UTC)
    start = datetime.datetime(2026, 11, 21, 9, 0, tzinfo=datetime.UTC)
    measure(desk.state.evidence, (now - start).total_seconds() / 60, plan=desk.plan().digest)


def test_the_story_of_a_chain(desk: Desk, tmp_path: Path) -> None:
    """Policies, up, seal, verify; an up nobody sealed; a flipped byte; a copied folder."""
    said = desk.bloomery("evidence", "policy", "lab")
    assert "location-allowed" in said
    assert "fail" not in said
    desk.up()
    measured(desk)
    said = desk.bloomery("evidence", "seal", "lab")
    assert "record 1: pass" in said
    assert "provenance: pass" in said
    assert "nothing new since record 1" in desk.bloomery("evidence", "seal", "lab")
    assert "evidence verified" in desk.bloomery("evidence", "verify", "lab")

    desk.up()
    said = desk.bloomery("evidence", "verify", "lab", code=1)
    assert "not sealed" in said
    assert "updates of the stack not sealed: 1" in said
    assert "record 2: pass" in desk.bloomery("evidence", "seal", "lab")
    head = read_head(desk.state.evidence / "head.json")
    assert head is not None
    assert head.sequence == 2

    secret = desk.state.secret.read_text().strip()
    for path in desk.state.evidence.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        said = gzip.decompress(data) if path.suffix == ".gz" else data
        assert secret.encode() not in said

    page = tmp_path / "page.html"
    assert str(page) in desk.bloomery("report", "lab", "--out", str(page))
    assert "sealed in record 2" in page.read_text()

    copied = tmp_path / "copied"
    shutil.copytree(desk.state.evidence, copied)
    words = ("evidence", "verify", str(copied), "--key", str(copied / "signer.pem"))
    assert "evidence verified" in desk.bloomery(*words)
    record = copied / "records" / "0001.json"
    data = bytearray(record.read_bytes())
    data[len(data) // 2] ^= 1
    record.write_bytes(bytes(data))
    assert "evidence not verified" in desk.bloomery(*words, code=1)


def test_a_refused_plan_is_kept_and_said(desk: Desk) -> None:
    desk.resources(location="UA-odesa")
    said = desk.bloomery("evidence", "policy", "lab", code=1)
    assert "the plan violates mandatory policies: location-allowed" in " ".join(said.split())
    kept = json.loads((desk.state.evidence / "policy.json").read_text())
    rule = next(rule for rule in kept["rules"] if rule["rule"] == "location-allowed")
    assert rule["outcome"] == "fail"
    assert rule["controls"][0]["id"] == "SA-9(5)"
    assert rule["findings"][0]["message"].startswith("location UA-odesa is not one of")


def test_a_checkout_with_changes_has_no_provenance(desk: Desk) -> None:
    site = desk.folder / "inventories" / "lab"
    known = provenance(site)
    assert known.author == "A. Author <author@example.org>"
    assert len(known.commit) == 40
    assert not known.dirty
    (site / "site.yaml").write_text((site / "site.yaml").read_text() + "# a remark\n")
    assert provenance(site).dirty


def test_a_site_git_does_not_know_has_no_provenance(desk: Desk, tmp_path: Path) -> None:
    other = desk.folder / "inventories" / "other"
    shutil.copytree(desk.folder / "inventories" / "lab", other)
    assert provenance(other).dirty, "the commit says nothing about these files"
    outside = tmp_path / "outside"
    shutil.copytree(other, outside)
    assert provenance(outside).commit == ""


def test_the_rules_of_the_preview_hold_for_the_state_too(desk: Desk) -> None:
    """``bloomery policy`` after an up: what is there is judged, and nothing there is no pass."""
    command = "import typer; from bloomery.cli.policy import policy; typer.run(policy)"
    nothing = desk.run(sys.executable, "-c", command, "lab")
    assert nothing.returncode != 0

    desk.up()
    done = desk.run(sys.executable, "-c", command, "lab")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "sovereign: 3 resources of the state checked, no findings" in done.stdout

    desk.resources(bmcCredentials="factory")
    desk.up()
    done = desk.run(sys.executable, "-c", command, "lab")
    assert done.returncode != 0
    assert "bmcCredentials is factory" in done.stdout
    assert "the state violates mandatory policies" in done.stdout + done.stderr
