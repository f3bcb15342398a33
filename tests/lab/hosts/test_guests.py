"""Guests: a real Debian behind a real BMC endpoint, and what may befall it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kit import Bench

from bloomery import lab
from bloomery.drivers.ssh.client import probe
from bloomery.errors import NotReadyError, Unreachable
from bloomery.lab import proc
from bloomery.lab.cgroup import Cgroup
from bloomery.lab.files import read_json
from bloomery.lab.layout import LabDir
from bloomery.lab.spec import lab_id
from bloomery.lab.sweep import leftovers
from bloomery.statedir import ENV_STATE

NOTHING: list[str] = []


def left(bench: Bench) -> list[str]:
    return leftovers(lab_id(bench.state.lab), bench.state.lab)


def daemon(bench: Bench) -> proc.Process | None:
    return proc.from_json(read_json(LabDir(bench.state.lab).daemon))


def shim(bench: Bench, node: str = "n01") -> proc.Process | None:
    return proc.from_json(read_json(LabDir(bench.state.lab).machine(node).run / "shim.json"))


def nspawn(bench: Bench, node: str = "n01") -> int:
    """Number of the systemd-nspawn of one guest."""
    for pid in Cgroup.of(f"{lab_id(bench.state.lab)}/{node}").pids():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # ended during the look
            if Path(f"/proc/{pid}/comm").read_text().strip() == "systemd-nspawn":
                return pid
    raise AssertionError("no systemd-nspawn")


async def kill_daemon(bench: Bench) -> None:
    killed = daemon(bench)
    assert proc.send(killed, signal.SIGKILL)
    await bench.until(lambda: not proc.alive(killed), 5)


async def running_bench(make_bench, name: str, count: int = 1) -> Bench:
    """A lab whose guests are installed and booted."""
    bench = make_bench(name, "guest", count)
    bench.up()
    nodes = [node.name for node in bench.plan.metal.nodes]
    await asyncio.gather(*(bench.install(node) for node in nodes))
    await asyncio.gather(*(bench.boot(node) for node in nodes))
    return bench


async def test_power_on_installs_boots_and_answers_with_the_known_key(make_bench) -> None:
    bench = await running_bench(make_bench, "story", 2)
    facts = await bench.reach("n01")
    assert (facts.site, facts.node, facts.generation) == (bench.name, "n01", 1)
    assert bench.bmc("n01").progress() == "OSRunning"
    code, told = bench.shell("n01", "systemctl is-system-running; hostname; sudo -n id -u")
    assert (code, told.split()) == (0, ["running", "n01", "0"])
    assert "Welcome to Debian GNU/Linux 12" in bench.console("n01")

    # Hosts reach each other and the mirror, and nothing else of this machine or beyond.
    probe_port = "timeout 3 bash -c 'exec 3<>/dev/tcp/{}/{}' 2>/dev/null"
    gateway = bench.plan.node("n01").host.gateway
    assert bench.shell("n01", probe_port.format("10.81.1.2", 22))[0] == 0
    assert bench.shell("n01", probe_port.format(gateway, 8480))[0] == 0
    with socket.create_server((gateway, 0)) as other:
        assert bench.shell("n01", probe_port.format(gateway, other.getsockname()[1]))[0] != 0
    assert bench.shell("n01", probe_port.format("1.1.1.1", 443))[0] != 0
    assert bench.shell("n01", probe_port.format("127.81.1.1", 8443))[0] != 0

    bench.down()
    assert left(bench) == NOTHING


async def test_the_mirror_is_trusted_by_the_key_of_the_installation_only(make_bench) -> None:
    bench = await running_bench(make_bench, "mirror")
    code, told = bench.shell("n01", "sudo apt-get update 2>&1")
    assert code == 0, told
    assert "lab-2026.11 InRelease" in told
    code, told = bench.shell("n01", "sudo apt-get install -y libgomp1 && dpkg -s libgomp1", 60)
    assert code == 0, told

    index = next((LabDir(bench.state.lab).depot / "dists").rglob("InRelease"))
    signed = index.read_text()
    index.write_text(signed.replace("Label: bloomery", "Label: somebody"))
    fresh = "sudo rm -rf /var/lib/apt/lists/*; sudo apt-get update 2>&1"
    code, told = bench.shell("n01", fresh)
    assert code != 0, told
    assert "invalid" in told or "BADSIG" in told
    index.write_text(signed)
    packages = next(index.parent.rglob("Packages.gz"))
    packages.write_bytes(packages.read_bytes()[:-20])
    code, told = bench.shell("n01", fresh)
    assert code != 0, told


def test_a_lab_of_the_same_name_elsewhere_is_left_alone(make_bench, tmp_path: Path) -> None:
    """Its networks are in use, so nothing is made; and taking that nothing down takes nothing."""
    bench = make_bench("twin", "guest", 1)
    bench.up()
    there = left(bench)
    assert any(line.startswith("link ") for line in there)
    elsewhere = {**bench.env, ENV_STATE: str(tmp_path / "elsewhere")}
    with pytest.raises(NotReadyError, match=r"is in use on link bl\w+br; next: stop what uses it"):
        lab.up(bench.site, elsewhere, progress=lambda _: None)
    lab.down(bench.name, elsewhere, progress=lambda _: None)
    assert left(bench) == there


async def test_guests_outlive_the_daemon_and_are_taken_over(make_bench) -> None:
    bench = await running_bench(make_bench, "outlive")
    _, boot_id = bench.shell("n01", "cat /proc/sys/kernel/random/boot_id; ps -o lstart= 1")
    await kill_daemon(bench)
    assert bench.shell("n01", "true")[0] == 0
    bench.up()
    assert bench.bmc("n01").power() == "On"
    assert bench.bmc("n01").progress() == "OSRunning"
    same = bench.shell("n01", "cat /proc/sys/kernel/random/boot_id; ps -o lstart= 1")[1]
    assert same == boot_id
    bench.bmc("n01").reset("GracefulShutdown")
    await bench.until(lambda: bench.bmc("n01").power() == "Off", 10)
    assert "power lost" not in bench.console("n01")
    assert not proc.alive(shim(bench))


async def test_an_installation_survives_the_daemon(make_bench) -> None:
    bench = make_bench("midway", "guest", 1)
    bench.up()
    task = asyncio.create_task(bench.install("n01"))
    await bench.until(lambda: "disk: wiped" in bench.console("n01"), 20)
    await kill_daemon(bench)
    task.cancel()
    bench.up()
    await bench.until(lambda: bench.bmc("n01").power() == "Off", 30)
    assert bench.console("n01").count("installation complete") == 1
    await asyncio.to_thread(bench.bmc("n01").eject)
    assert (await bench.boot("n01")).generation == 1


async def test_what_the_guest_does_with_its_power_is_seen(make_bench) -> None:
    bench = await running_bench(make_bench, "own-power")
    bmc = bench.bmc("n01")
    started = "ps -o etimes= 1"
    await asyncio.sleep(2)
    before = int(bench.shell("n01", started)[1])
    bench.shell("n01", "sudo touch /var/kept; sudo systemctl reboot")
    await bench.until(lambda: bmc.progress() != "OSRunning", 10)
    assert bmc.power() == "On"
    assert (await bench.reach("n01")).booted
    assert int(bench.shell("n01", started)[1]) < before + 2
    assert bench.shell("n01", "test -e /var/kept")[0] == 0, "the disk outlives a reboot"
    bench.fault("ssh-refused")
    bench.shell("n01", "sudo systemctl reboot")
    await bench.until(lambda: bmc.progress() != "OSRunning", 10)
    await bench.until(lambda: bmc.progress() == "OSRunning", 20)
    with pytest.raises(Unreachable):
        probe(bench.login("n01"), 2)
    lab.clear_fault(bench.name, bench.env, "n01")
    bmc.reset("ForceRestart")
    await bench.reach("n01")
    bench.shell("n01", "sudo systemctl poweroff")
    await bench.until(lambda: bmc.power() == "Off", 10)
    bmc.reset("On")
    assert (await bench.reach("n01")).booted
    assert bench.shell("n01", "test -e /var/kept")[0] == 0, "and a power-off"


async def test_an_installation_wipes_the_disk(make_bench) -> None:
    bench = await running_bench(make_bench, "wipe")
    bench.shell("n01", "sudo touch /var/old")
    bench.bmc("n01").reset("ForceOff")
    await bench.until(lambda: bench.bmc("n01").power() == "Off", 10)
    await bench.install("n01")
    await bench.boot("n01")
    assert bench.shell("n01", "test -e /var/old")[0] != 0


async def test_boot_hang_and_refused_ssh_and_full_disk(make_bench) -> None:
    bench = make_bench("faults", "guest", 3)
    bench.up()
    await asyncio.gather(*(bench.install(node) for node in ("n01", "n02", "n03")))
    bench.fault("boot-hang", "n01")
    bench.fault("ssh-refused", "n02")
    bench.fault("disk-full", "n03")
    for node in ("n01", "n02", "n03"):
        bench.bmc(node).reset("On")
    await bench.reach("n03")
    await bench.until(lambda: bench.bmc("n02").progress() == "OSRunning", 20)
    with pytest.raises(Unreachable, match=r"[Uu]nable to connect|refused"):
        probe(bench.login("n02"), 5)
    code, told = bench.shell("n03", "dd if=/dev/zero of=/home/deploy/big bs=1M count=64 2>&1")
    assert code != 0
    assert "No space left on device" in told
    assert bench.bmc("n01").progress() == "OSBootStarted"
    assert "boot hang" in bench.console("n01")
    bench.bmc("n01").reset("GracefulShutdown")
    await asyncio.sleep(1)
    assert bench.bmc("n01").power() in ("On", "PoweringOff"), "a hung system ignores the button"
    lab.clear_fault(bench.name, bench.env, "n01")
    lab.clear_fault(bench.name, bench.env, "n03")
    bench.bmc("n01").reset("ForceRestart")
    bench.bmc("n03").reset("ForceRestart")
    assert (await bench.reach("n01")).booted
    await bench.reach("n03")
    assert bench.shell("n03", "dd if=/dev/zero of=big bs=1M count=64")[0] == 0
    bench.down()
    assert left(bench) == NOTHING


async def test_a_power_cut_and_a_lost_link_say_no_goodbye(make_bench) -> None:
    bench = await running_bench(make_bench, "cut", 2)
    with bench.session("n01") as one, bench.session("n02") as two:
        waiting = [client.get_transport().open_session() for client in (one, two)]
        for channel in waiting:
            channel.exec_command("sleep 1000")
        bench.fault("power-cut", "n01")
        bench.fault("link-down", "n02")
        await bench.until(lambda: bench.bmc("n01").power() == "Off", 10)
        await asyncio.sleep(1)
        for channel, client in zip(waiting, (one, two), strict=True):
            assert not channel.exit_status_ready()
            assert client.get_transport().is_active(), "no FIN, no reset: only silence"
        assert bench.bmc("n02").power() == "On"
        with pytest.raises(Unreachable):
            probe(bench.login("n02"), 2)
        lab.clear_fault(bench.name, bench.env, "n02")
        assert (await bench.reach("n02", 20)).booted
    assert (await bench.boot("n01")).booted, "the disk survives a power cut"


@pytest.mark.parametrize("victim", ["shim", "nspawn"])
async def test_a_killed_guest_process_takes_all_of_the_guest_with_it(
    make_bench, victim: str
) -> None:
    bench = await running_bench(make_bench, f"kill-{victim}")
    group = Cgroup.of(f"{lab_id(bench.state.lab)}/n01")
    if victim == "shim":
        proc.send(shim(bench), signal.SIGKILL)
    else:
        os.kill(nspawn(bench), signal.SIGKILL)
    await bench.until(lambda: bench.bmc("n01").power() == "Off", 10)
    assert group.pids() == set()
    assert (await bench.boot("n01")).booted


async def test_down_after_everything_was_killed_leaves_nothing(make_bench) -> None:
    bench = await running_bench(make_bench, "ruins", 2)
    bench.fault("disk-full", "n02")
    bench.bmc("n02").reset("ForceRestart")
    await bench.reach("n02")
    await kill_daemon(bench)
    proc.send(shim(bench), signal.SIGKILL)
    os.kill(nspawn(bench, "n02"), signal.SIGKILL)
    seen = " ".join(left(bench))
    for kind in ("cgroup", "process", "mount", "link", "namespace", "nftables"):
        assert kind in seen, f"the test would not notice a {kind} left behind"
    bench.down()
    assert left(bench) == NOTHING
    bench.up()
    await bench.install("n01")
    assert (await bench.boot("n01")).booted


async def test_lost_power_while_nobody_looked_is_told_after_up(make_bench) -> None:
    bench = await running_bench(make_bench, "unseen")
    await kill_daemon(bench)
    proc.send(shim(bench), signal.SIGKILL)
    bench.up()
    assert bench.bmc("n01").power() == "Off"
    assert "power was lost while the lab was down" in bench.console("n01")
    assert (await bench.boot("n01")).booted


def test_an_up_killed_while_it_builds_leaves_nothing_after_down(make_bench) -> None:
    """The half-built image is not used, and its builder does not run on."""
    bench = make_bench("building", "guest", 1)
    bench.env["BLOOMERY_CACHE"] = str(bench.state.path.parent / "cache")
    words = f"from bloomery import lab; import os; lab.up({str(bench.site)!r}, os.environ)"
    env = {**bench.env, "PYTHONPATH": os.pathsep.join(sys.path)}
    up = subprocess.Popen([sys.executable, "-c", words], env=env, stdout=subprocess.DEVNULL)
    builder = Cgroup.of(f"{lab_id(bench.state.lab)}/_builder")
    deadline = time.monotonic() + 30
    while len(builder.pids()) < 2:
        assert time.monotonic() < deadline, "the builder never began"
        time.sleep(0.05)
    up.kill()
    up.wait()
    assert builder.pids(), "killed too late to show anything"
    bench.down()
    assert left(bench) == NOTHING
    images = Path(bench.env["BLOOMERY_CACHE"]) / "lab" / "images"
    assert [image.name for image in images.iterdir() if not image.name.startswith(".new-")] == []


UNIFIED = """\
set -e
mount --make-rprivate /
umount -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
exec "$@"
"""


def test_a_guest_lives_on_a_unified_hierarchy_alone(tmp_path: Path) -> None:
    """The same story where only cgroup v2 is mounted, as current distributions have it."""
    test = f"{__file__}::test_power_on_installs_boots_and_answers_with_the_known_key"
    inner = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]
    folder = f"--basetemp={tmp_path / 'unified'}"
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", UNIFIED, "sh", *inner, folder],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
