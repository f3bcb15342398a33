"""``bloomery site recovery-key``: the very passphrase that the seed laid the disk with."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bloomery.cli.main import command_line
from bloomery.errors import FaultsError
from bloomery.plan import make_plan
from bloomery.provider.seed import seed_files
from bloomery.site import load
from bloomery.statedir import StateDir
from bloomery.trust.secret import ensure_private_file, open_secret

LAB = Path(__file__).resolve().parents[3] / "inventories" / "lab-metal"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site with one encrypted machine, and its secret."""
    folder = tmp_path / "lab-metal"
    shutil.copytree(LAB, folder)
    text = (folder / "site.yaml").read_text()
    encrypted = "model: lab-metal-tpm\n    os_disk: {encrypt: luks2}"
    (folder / "site.yaml").write_text(text.replace("model: lab-metal", encrypted))
    monkeypatch.setenv("BLOOMERY_STATE", str(tmp_path / "state"))
    ensure_private_file(StateDir.of("lab-metal", os.environ).secret)
    return folder


def ask(*words: str) -> str:
    asked = ["site", "recovery-key", *words]
    return CliRunner().invoke(command_line(asked), asked, catch_exceptions=False).stdout


def test_it_is_the_passphrase_of_the_seed(site: Path) -> None:
    plan = make_plan(load(site))
    secret = open_secret(StateDir.of("lab-metal", os.environ).secret)
    [node] = plan.metal.nodes
    key = seed_files(secret, "lab-metal", node)["disk_recovery_key"].decode()
    assert ask(str(site), "metal-01") == key + "\n"
    assert ask(str(site), "metal-01", "--generation", "2") not in ("", key + "\n")


def test_machines_that_have_none_are_told_apart(site: Path) -> None:
    with pytest.raises(FaultsError, match="unknown machine 'metal-1'; did you mean 'metal-01'"):
        ask(str(site), "metal-1")
    with pytest.raises(FaultsError, match="metal-01 is not encrypted; os_disk"):
        ask(str(LAB), "metal-01")
