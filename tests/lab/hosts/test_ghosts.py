"""Ghosts: many machines in one process, without root-only kernel objects."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from kit import Bench, write_site

from bloomery import lab
from bloomery.drivers.ssh.client import probe
from bloomery.errors import CredentialRefused, LabError, NotReadyError, NotTrusted, Unreachable
from bloomery.lab import proc
from bloomery.lab.files import read_json
from bloomery.lab.layout import LabDir
from bloomery.lab.spec import lab_id
from bloomery.lab.sweep import leftovers
from bloomery.trust.keys import login_key
from bloomery.trust.secret import SiteSecret

NOBODY = 65534


def daemon(bench: Bench) -> proc.Process:
    found = proc.from_json(read_json(LabDir(bench.state.lab).daemon))
    assert found is not None
    return found


async def test_eight_ghosts_are_installed_and_answer_within_seconds(make_bench) -> None:
    bench = make_bench("eight", "ghost", 8)
    begun = time.monotonic()
    bench.up()
    names = [node.name for node in bench.plan.metal.nodes]
    await asyncio.gather(*(bench.install(name) for name in names))
    facts = await asyncio.gather(*(bench.boot(name) for name in names))
    assert [fact.node for fact in facts] == names
    assert {fact.generation for fact in facts} == {1}
    assert time.monotonic() - begun < 20, "about 2 s on two idle cores"


async def test_a_ghost_shows_its_own_key_and_lets_only_ours_in(make_bench) -> None:
    bench = make_bench("keys", "ghost", 2)
    bench.up()
    await bench.install("n01")
    await bench.boot("n01")
    login = bench.login("n01")
    other = bench.login("n02").host_key
    stranger = login_key(SiteSecret(b"stranger"), "x", 1).private
    with pytest.raises(NotTrusted):
        probe(dataclasses.replace(login, host_key=other), 5)
    with pytest.raises(CredentialRefused):
        probe(dataclasses.replace(login, private_key=stranger), 5)
    with pytest.raises(CredentialRefused):
        probe(dataclasses.replace(login, user="root"), 5)


async def test_an_empty_disk_without_media_is_no_boot_device(make_bench) -> None:
    bench = make_bench("empty", "ghost", 1)
    bench.up()
    bmc = bench.bmc("n01")
    bmc.reset("On")
    await bench.until(lambda: "no boot device" in bench.console("n01"), 10)
    assert (bmc.power(), bmc.progress()) == ("On", "None")
    with pytest.raises(Unreachable):
        probe(bench.login("n01"), 2)


async def test_a_killed_daemon_is_repaired_and_machines_are_what_they_were(make_bench) -> None:
    bench = make_bench("killed", "ghost", 2)
    bench.up()
    await bench.install("n01")
    await bench.boot("n01")
    certificate = bench.certificate("n01")
    assert proc.send(daemon(bench), signal.SIGKILL)
    await bench.until(lambda: not proc.alive(daemon(bench)), 5)
    with pytest.raises(LabError):
        lab.status(bench.name, bench.env)
    bench.up()
    assert {m.name: m.power for m in lab.status(bench.name, bench.env)} == {
        "n01": "On",
        "n02": "Off",
    }
    assert (await bench.reach("n01")).node == "n01"
    assert bench.certificate("n01") == certificate


def test_up_again_leaves_a_lab_alone_that_is_well(make_bench) -> None:
    bench = make_bench("again", "ghost", 1)
    bench.up()
    before, secret = daemon(bench), bench.state.secret.read_bytes()
    factory = bench.state.factory.read_bytes()
    assert bench.up() == ["lab is up: 1 machines"]
    assert daemon(bench) == before
    assert (bench.state.secret.read_bytes(), bench.state.factory.read_bytes()) == (secret, factory)


def test_a_hung_daemon_is_replaced(make_bench) -> None:
    bench = make_bench("hung", "ghost", 1)
    bench.up()
    before = daemon(bench)
    proc.send(before, signal.SIGSTOP)
    bench.up()
    assert not proc.alive(before)
    assert lab.status(bench.name, bench.env)[0].power == "Off"


def test_a_machine_that_left_the_delivery_list_leaves_the_lab(make_bench) -> None:
    bench = make_bench("left", "ghost", 2)
    bench.up()
    rows = (bench.site / "machines.csv").read_text().splitlines()
    (bench.site / "machines.csv").write_text("\n".join(rows[:-1]) + "\n")
    bench.up()
    assert [machine.name for machine in lab.status(bench.name, bench.env)] == ["n01"]
    assert not LabDir(bench.state.lab).machine("n02").path.exists()


async def test_faults_of_machine_and_bmc_come_and_go(make_bench) -> None:
    bench = make_bench("faults", "ghost", 1)
    bench.up()
    await bench.install("n01")
    bmc = bench.bmc("n01")
    bench.fault("ssh-refused")
    bmc.reset("On")
    await bench.until(lambda: bmc.progress() == "OSRunning", 10)
    with pytest.raises(Unreachable):
        probe(bench.login("n01"), 2)
    bench.fault("boot-hang")
    bmc.reset("ForceRestart")
    await bench.until(lambda: bmc.progress() == "OSBootStarted", 10)
    bench.fault("http", status="503", count="1")
    assert lab.status(bench.name, bench.env)[0].faults[:2] == ("ssh-refused", "boot-hang")
    with pytest.raises(requests.HTTPError, match="503"):
        bmc.power()
    lab.clear_fault(bench.name, bench.env, "n01")
    bmc.reset("ForceRestart")
    assert (await bench.reach("n01")).booted
    bench.fault("power-cut")
    await bench.until(lambda: bmc.power() == "Off", 5)
    assert lab.status(bench.name, bench.env)[0].faults == ()


def test_unknown_names_are_told_with_the_known_ones(make_bench) -> None:
    bench = make_bench("names", "ghost", 1)
    bench.up()
    with pytest.raises(LabError, match="no machine 'n99'") as raised:
        lab.set_fault(bench.name, bench.env, "n99", "crash", {})
    assert raised.value.next_step == "one of n01"
    with pytest.raises(LabError, match="unknown fault 'flood'") as raised:
        bench.fault("flood")
    assert "power-cut" in raised.value.next_step
    assert "post-hang" in raised.value.next_step
    with pytest.raises(LabError, match="no such machine"):
        lab.console_file(bench.name, bench.env, "n99")


async def test_down_after_a_kill_leaves_nothing_and_up_begins_anew(make_bench) -> None:
    bench = make_bench("anew", "ghost", 1)
    bench.up()
    await bench.install("n01")
    secret, killed = bench.state.secret.read_bytes(), daemon(bench)
    proc.send(killed, signal.SIGKILL)
    bench.down()
    assert leftovers(lab_id(bench.state.lab), bench.state.lab) == []
    kept = ["journal", "secret", "site-ca.pem"]  # of the site, not of its lab
    assert sorted(file.name for file in bench.state.path.iterdir()) == kept
    bench.down()
    bench.up()
    assert bench.state.secret.read_bytes() == secret
    bench.bmc("n01").reset("On")
    await bench.until(lambda: "no boot device" in bench.console("n01"), 10)


def test_down_ends_a_daemon_whose_files_are_lost(make_bench) -> None:
    bench = make_bench("lost", "ghost", 1)
    bench.up()
    running = daemon(bench)
    shutil.rmtree(bench.state.path)
    bench.down()
    assert not proc.alive(running)
    assert leftovers(lab_id(bench.state.lab), bench.state.lab) == []


def test_an_address_in_use_is_told_and_the_lab_does_not_half_start(make_bench) -> None:
    first = make_bench("first", "ghost", 1)
    second = make_bench("second", "ghost", 1)
    first.up()
    with pytest.raises(LabError, match=r"cannot listen on 127\.81\.0\.1:8480"):
        second.up()
    assert not proc.alive(daemon(second))


def test_a_site_of_metal_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", "metal", "ghost", 1)
    text = (site / "site.yaml").read_text()
    env = {**os.environ, "BLOOMERY_STATE": str(tmp_path / "state")}
    (site / "site.yaml").write_text(text.replace("lab: true", "lab: false"))
    with pytest.raises(LabError, match="machines are real"):
        lab.up(site, env)
    (site / "site.yaml").write_text(text.replace("lab-ghost", "dgx-b200"))
    with pytest.raises(LabError, match="is metal"):
        lab.up(site, env)
    assert not (tmp_path / "state").exists()


def as_nobody(tmp: Path, bench: Bench, call: str) -> subprocess.CompletedProcess[str]:
    """Run ``call`` of ``bloomery.lab`` as a user without rights."""
    words = f"from bloomery import lab; import os; lab.{call}"
    # The interpreter of the tests may lie in a home that is closed to others.
    python = f"/usr/bin/python3.{sys.version_info.minor}"
    command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return subprocess.run(
        [*command, python, "-c", words],
        env={**bench.env, "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(tmp)},
        cwd=tmp,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def open_folder() -> Path:
    """A folder a user without rights may enter; pytest's own are closed to others."""
    folder = Path(f"/tmp/bloomery-nobody-{os.getpid()}")
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="root is needed to become someone else")
def test_ghosts_need_no_root(open_folder: Path) -> None:
    bench = Bench.make(open_folder, f"nobody-{os.getpid()}", "ghost", 2)
    site, name = str(bench.site), bench.name
    done = as_nobody(open_folder, bench, f"up({site!r}, os.environ)")
    assert done.returncode == 0, done.stderr
    assert [machine.power for machine in lab.status(name, bench.env)] == ["Off", "Off"]
    running = daemon(bench)
    assert Path(f"/proc/{running.pid}").stat().st_uid == NOBODY
    done = as_nobody(open_folder, bench, f"down({name!r}, os.environ)")
    assert done.returncode == 0, done.stderr
    assert not proc.alive(running)


@pytest.mark.skipif(os.geteuid() != 0, reason="root is needed to become someone else")
def test_guests_without_root_are_refused_before_anything_is_made(open_folder: Path) -> None:
    bench = Bench.make(open_folder, f"nobody-{os.getpid()}", "guest", 1)
    done = as_nobody(open_folder, bench, f"up({str(bench.site)!r}, os.environ)")
    assert done.returncode != 0
    assert "machines with a real OS need root" in done.stderr
    assert not bench.state.path.exists()


def test_missing_packages_are_listed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench.make(tmp_path, "missing", "guest", 1)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotReadyError) as raised:
        bench.up()
    assert "apt apt-utils gnupg iproute2 mmdebstrap nftables" in str(raised.value)
    assert raised.value.next_step.startswith("apt-get install ")
    assert not bench.state.path.exists()
