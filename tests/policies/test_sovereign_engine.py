"""The pack through the real engine: a mandatory finding stops ``pulumi preview``.

The programme registers components with our type tokens, so no provider is needed: the
engine hands components to a policy pack as it hands it any other resource.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bloomery.evidence import PolicyReport, from_events
from bloomery.evidence.policy import parse_pack
from bloomery.records import Outcome

PROGRAMME = '''"""Register what resources.json lists, with plain inputs."""

import json
from pathlib import Path

import pulumi

for entry in json.loads(Path("resources.json").read_text()):
    pulumi.ComponentResource(entry["type"], entry["name"], entry["props"])
'''

SITE = {
    "type": "bloomery:site:Site",
    "name": "north",
    "props": {
        "name": "north",
        "country": "UA",
        "location": "UA-kyiv",
        "allowedLocations": ["UA-kyiv", "UA-lviv"],
        "oobCidr": "127.84.0.0/16",
        "provisioningCidr": "10.84.0.0/16",
        "controllerOob": "127.84.0.1",
        "bmcCredentials": "derived",
        "planDigest": "ab" * 32,
        "lab": True,
        "depot": "http://10.84.0.1:8480",
        "release": "lab-2026.11",
        "pins": {"slurm": "22.05"},
        "sovereignty": {
            "keyCustody": "site",
            "egressDefault": "deny",
            "egressAllow": [],
            "egressRoutes": [],
            "registries": ["http://10.84.0.1:8480"],
            "imagesByDigest": True,
            "otCidr": "10.85.0.0/16",
            "otBroker": "10.85.0.1",
            "backupSite": "UA-lviv",
            "backupEncrypted": True,
            "backupOffline": True,
            "timeSources": ["10.84.0.1"],
            "secretMaxAgeDays": 90,
            "driverFloor": "",
            "firmwareFloor": "",
            "budgetNodesPercent": 25,
            "budgetHours": 8,
        },
        "spare": {"racks": 1, "racksOnTwoSides": 0, "oneSided": "r01"},
        "impact": {"unknown": "", "liveHours": 0, "pools": []},
    },
}
NODE = {
    "type": "bloomery:metal:Node",
    "name": "n1",
    "props": {
        "name": "n1",
        "identity": {"bmcMac": "02:84:00:00:00:01", "chassisSerial": "CH-1", "systemUuid": "u-1"},
        "bmc": {"address": "127.84.1.2:8443", "certSha256": ""},
        "host": {"address": "10.84.1.2", "prefix": 16, "gateway": "10.84.0.1"},
        "installGeneration": 1,
        "keyEpoch": 1,
        "onDelete": "release",
    },
}
Preview = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def preview(tmp_path: Path, pack_path: Path) -> Preview:
    """Preview a stack of the given resources with the pack, in a backend of its own."""
    path = os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ["PATH"]])
    if shutil.which("pulumi", path=path) is None:
        pytest.fail("no pulumi on PATH or in the virtual environment: run make setup first")
    (tmp_path / "backend").mkdir()
    (tmp_path / "__main__.py").write_text(PROGRAMME)
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (tmp_path / "Pulumi.yaml").write_text(json.dumps({"name": "policy-test", "runtime": runtime}))
    env = {
        "PATH": path,
        "HOME": str(tmp_path),
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}/backend",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DEBUG_COMMANDS": "true",
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", *words], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120
        )

    made = run("stack", "init", "test")
    assert made.returncode == 0, made.stderr

    def preview(
        resources: list[dict[str, Any]], pack: Path = pack_path
    ) -> subprocess.CompletedProcess[str]:
        (tmp_path / "resources.json").write_text(json.dumps(resources))
        log = str(tmp_path / "events.json")
        return run("preview", "--policy-pack", str(pack), "--event-log", log)

    return preview


def changed(resource: dict[str, Any], **props: object) -> dict[str, Any]:
    return {**resource, "props": {**resource["props"], **props}}


TOO_MANY = {"pool": "train", "live": 8, "touched": 3}
"""More than a quarter of a pool."""

BAD_SITE = changed(
    SITE,
    location="UA-odesa",
    oobCidr="10.84.0.0/16",
    controllerOob="10.84.0.1",
    bmcCredentials="factory",
)


def events(folder: Path, pack_path: Path) -> PolicyReport:
    """What evidence makes of the event log of that preview."""
    described = subprocess.run(
        [sys.executable, "describe.py"], cwd=pack_path, capture_output=True, check=True
    )
    lines = (folder / "events.json").read_text().splitlines()
    pack = parse_pack(described.stdout, "0.1.0", "")
    return from_events(lines, packs=(pack,), site="north", time="2026-11-21T09:00:00+00:00")


def test_a_good_site_passes_the_pack(preview: Preview, tmp_path: Path, pack_path: Path) -> None:
    done = preview([SITE, NODE])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "sovereign@v" in done.stdout
    report = events(tmp_path, pack_path)
    # No cluster, so nobody asked about tenants and quotas: that is not a pass.
    silent = {"tenant-isolation", "quotas"}
    assert report.outcome is Outcome.NOT_MEASURED
    assert {r.rule for r in report.rules if r.outcome is not Outcome.PASS} == silent
    assert report.plan_digest == SITE["props"]["planDigest"]
    passed = {rule.rule: rule.passed for rule in report.rules}
    assert passed["install-by-generation"] == ("Node n1",)
    assert passed["change-budget"] == ("Site north",)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ([BAD_SITE], ("SA-9(5)", "SC-7(13)", "IA-5")),
        ([SITE, changed(NODE, installGeneration=0)], ("CM-5",)),
        (
            [changed(SITE, impact={"unknown": "", "liveHours": 1, "pools": [TOO_MANY]}), NODE],
            ("CM-3(2)",),
        ),
    ],
    ids=["site", "node", "impact"],
)
def test_a_mandatory_finding_stops_preview(
    preview: Preview,
    tmp_path: Path,
    pack_path: Path,
    bad: list[dict[str, Any]],
    says: tuple[str, ...],
) -> None:
    done = preview(bad)
    assert done.returncode != 0
    assert "[mandatory]" in done.stdout
    assert all(control in done.stdout for control in says)
    assert "remedy:" in done.stdout
    report = events(tmp_path, pack_path)
    assert report.outcome is Outcome.FAIL
    failed = [rule for rule in report.rules if rule.outcome is Outcome.FAIL]
    assert len(failed) == len(says)
    assert all(rule.findings[0].subject in ("Site north", "Node n1") for rule in failed)


def test_a_wrong_exception_stops_preview_and_says_why(
    preview: Preview, pack_path: Path, tmp_path: Path
) -> None:
    """The pack does not load, so nothing passes; the fault is in what the engine prints."""
    pack = tmp_path / "pack"
    shutil.copytree(pack_path, pack, ignore=shutil.ignore_patterns("__pycache__"))
    manifest = yaml.safe_load((pack / "PulumiPolicy.yaml").read_text())
    manifest["runtime"]["options"]["virtualenv"] = sys.prefix
    (pack / "PulumiPolicy.yaml").write_text(yaml.safe_dump(manifest))
    (pack / "exceptions" / "old.yaml").write_text("rule: no-such-rule\n")
    done = preview([SITE, NODE], pack)
    assert done.returncode != 0
    assert "exceptions/old.yaml: unknown rule 'no-such-rule'" in done.stdout + done.stderr
