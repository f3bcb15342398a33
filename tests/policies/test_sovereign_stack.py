"""The pack on the programme that ships: a preview of the real stack with the real provider.

No machine and no lab is needed: a preview looks at inputs. What must hold is that every
rule sees something there, as plain inputs, and that a mandatory finding stops it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

REPO = Path(__file__).resolve().parents[2]
SITE = ["Site lab"]
NODES = ["Node mgmt-01", "Node serve-01", "Node train-01"]
CLUSTER = ["Cluster cluster"]
RULES = {
    "location-allowed": SITE,
    "public-egress": SITE,
    "trusted-sources": [*SITE, "Run run-base-mgmt", "Run run-serve"],
    "data-at-rest": SITE,
    "bmc-network-apart": SITE + NODES,
    "facility-network-apart": SITE,
    "no-default-credentials": SITE + NODES,
    "tenant-isolation": CLUSTER,
    "release-floor": SITE,
    "spare-power-and-cooling": SITE,
    "backup-place": SITE,
    "change-budget": SITE,
    "install-by-generation": NODES,
    "site-clocks": SITE,
    "quotas": CLUSTER,
}
"""Rule -> who must have been judged by it."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project with the lab's site and a whole one of metal, in a place of its own."""
    folder = tmp_path / "project"
    (folder / "inventories").mkdir(parents=True)
    for site in ("lab", "example-whole"):
        shutil.copytree(REPO / "inventories" / site, folder / "inventories" / site)
    ignore = shutil.ignore_patterns("__pycache__", "Pulumi.*.yaml")
    shutil.copytree(REPO / "stacks", folder / "stacks", ignore=ignore)
    shutil.copytree(REPO / "policies", folder / "policies", ignore=ignore)
    sheet = yaml.safe_load((REPO / "Pulumi.yaml").read_text())
    sheet["runtime"]["options"]["virtualenv"] = sys.prefix
    sheet["plugins"]["providers"][0]["path"] = str(REPO / "components" / "plugin")
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(sheet))
    return folder


def run(project: Path, command: str, site: str = "lab") -> subprocess.CompletedProcess[str]:
    """Type a command in a shell that ``bloomery env`` has set up for ``site``."""
    env = {
        "PATH": os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ["PATH"]]),
        "HOME": str(project.parent),
        "BLOOMERY_STATE": str(project.parent / "state"),
        "BLOOMERY_CACHE": str(project.parent / "cache"),
    }
    return subprocess.run(
        ["bash", "-c", f'eval "$(bloomery env {site})" && {command}'],
        cwd=project,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_every_rule_sees_the_real_stack(project: Path) -> None:
    done = run(project, "bloomery evidence policy lab")
    assert done.returncode == 0, done.stdout + done.stderr
    kept = json.loads((project.parent / "state/lab/evidence/policy.json").read_text())
    assert kept["finished"]
    assert len(kept["plan_digest"]) == 64
    assert {rule["rule"] for rule in kept["rules"]} == set(RULES)
    assert "14 of 22 controls of the table are evaluated at preview" in done.stdout
    assert "Impact of plan" in done.stdout
    for rule in kept["rules"]:
        assert rule["outcome"] == "pass", rule
        assert set(RULES[rule["rule"]]) <= set(rule["passed"])


def test_a_whole_site_of_metal_passes_every_rule(project: Path) -> None:
    """Liquid cooling, a power tree, fabrics, tiers and projects: no rule is left without work."""
    done = run(project, "bloomery evidence policy example-whole", "example-whole")
    assert done.returncode == 0, done.stdout + done.stderr
    kept = json.loads((project.parent / "state/example-whole/evidence/policy.json").read_text())
    assert {rule["rule"]: rule["outcome"] for rule in kept["rules"]} == dict.fromkeys(RULES, "pass")
    assert all(rule["passed"] for rule in kept["rules"])


def test_a_mandatory_finding_stops_the_real_preview(project: Path) -> None:
    """Typed by hand, as a reviewer's CI does."""
    path = project / "inventories" / "lab" / "site.yaml"
    site = yaml.safe_load(path.read_text())
    site["trust"]["bmc_credentials"] = "factory"
    path.write_text(yaml.safe_dump(site))
    done = run(project, f"pulumi preview --policy-pack {REPO / 'policies' / 'sovereign'}")
    assert done.returncode != 0
    assert "[mandatory]" in done.stdout
    assert "no-default-credentials" in done.stdout
    assert "NIST SP 800-53 r5 IA-5" in done.stdout
