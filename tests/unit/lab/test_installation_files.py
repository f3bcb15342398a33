"""What an installation writes to a disk, and the key its package index is signed with."""

from __future__ import annotations

import base64
import io
import json
import subprocess
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from bloomery.errors import LabError
from bloomery.lab import installer
from bloomery.lab.installer import Installer, Order
from bloomery.lab.signing import Signer

SEED = {
    "host.network": "[Match]\nName=host0\n",
    "authorized_keys": "ssh-ed25519 AAAA deploy\n",
    "ssh_host_ed25519_key": "private\n",
    "ssh_host_ed25519_key.pub": "ssh-ed25519 AAAAC3NzaC1lZDI1 n01\n",
}


@pytest.fixture
def order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Order:
    """An installation into a folder; ``chroot`` only notes what it was asked."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "chroot").write_text(f'#!/bin/sh\necho "$@" >>"{tmp_path}/asked"\n')
    (programs / "chroot").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    (tmp_path / "disk" / "home" / "deploy" / ".ssh").mkdir(parents=True)
    return Order(
        cgroups=[],
        mount=["true"],
        root=str(tmp_path / "disk"),
        meta={"hostname": "n01", "user": "deploy"},
        files={name: base64.b64encode(text.encode()).decode() for name, text in SEED.items()},
        record={"generation": 3},
        address="10.177.1.1",
        ssh_port=2222,
        machine_id="0" * 32,
        depot="http://10.177.0.1:8480",
        suite="stable",
        depot_key="KEY\n",
    )


def test_an_installation_knows_its_name_its_key_and_its_generation(
    order: Order, tmp_path: Path
) -> None:
    Installer(order).install()
    etc = tmp_path / "disk" / "etc"
    assert (etc / "hostname").read_text() == "n01\n"
    assert "10.177.1.1 n01" in (etc / "hosts").read_text()
    assert (etc / "ssh" / "ssh_host_ed25519_key").stat().st_mode & 0o777 == 0o600
    sshd = (etc / "ssh" / "sshd_config.d" / "10-bloomery.conf").read_text()
    assert "Port 2222" in sshd and "PasswordAuthentication no" in sshd
    assert json.loads((etc / "bloomery" / "install.json").read_text()) == {"generation": 3}
    assert "useradd" in (tmp_path / "asked").read_text()


def test_a_host_with_a_domain_learns_it_from_its_own_line(order: Order, tmp_path: Path) -> None:
    meta = {**order.meta, "fqdn": "n01.hall1.example.ua"}
    Installer(replace(order, meta=meta)).install()
    etc = tmp_path / "disk" / "etc"
    assert (etc / "hostname").read_text() == "n01\n"
    assert "10.177.1.1 n01.hall1.example.ua n01\n" in (etc / "hosts").read_text()


def test_packages_come_from_the_depot_alone(order: Order, tmp_path: Path) -> None:
    apt = tmp_path / "disk" / "etc" / "apt"
    (apt / "sources.list.d").mkdir(parents=True)
    for name in ("sources.list", "sources.list.d/vendor.list"):
        (apt / name).write_text("deb http://elsewhere.example stable main\n")
    Installer(order).install()
    sources = [path for path in apt.rglob("*") if "sources" in path.name and path.is_file()]
    assert [path.name for path in sources] == ["bloomery.sources"]
    assert order.depot in sources[0].read_text()
    assert not (apt / "sources.list.d" / "vendor.list").exists()


def test_a_link_in_the_image_leads_nowhere(order: Order, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("untouched")
    etc = tmp_path / "disk" / "etc"
    etc.mkdir()
    (etc / "hostname").symlink_to(outside)
    Installer(order).install()
    assert outside.read_text() == "untouched"
    assert not (etc / "hostname").is_symlink()


def test_an_installation_that_fails_says_why_in_a_line(
    order: Order,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = {**asdict(order), "mount": ["false"]}
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(told)))
    assert installer.main() == 1
    assert "false" in capsys.readouterr().err
    assert not (tmp_path / "disk" / "etc" / "bloomery").exists()


def test_an_index_is_signed_with_a_key_that_stays(tmp_path: Path) -> None:
    signer = Signer(tmp_path, "lab of a test")
    signed, public = signer.clear_sign("Origin: lab\n"), signer.public_key()
    assert "Origin: lab" in signed and "BEGIN PGP SIGNATURE" in signed
    keyring = tmp_path / "depot.gpg"
    subprocess.run(["gpg", "--dearmor", "-o", keyring], input=public, text=True, check=True)
    verify = ["gpgv", "--keyring", str(keyring)]
    assert subprocess.run(verify, input=signed, text=True, capture_output=True).returncode == 0
    forged = signed.replace("Origin: lab", "Origin: els")
    assert subprocess.run(verify, input=forged, text=True, capture_output=True).returncode != 0
    assert Signer(tmp_path, "lab of a test").public_key() == public


def test_a_key_that_cannot_be_read_stops(tmp_path: Path) -> None:
    (tmp_path / "secret.asc").write_text("no key\n")
    with pytest.raises(LabError):
        Signer(tmp_path, "lab of a test").public_key()
