"""InfiniBand files of a plan in the tools themselves: ibsim, OpenSM, ibnetdiscover, ibutils.

ibsim stands in for the devices of a subnet; the other tools reach it through a library that takes
the place of the kernel's. Each simulation has a socket of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bloomery.check.observed.read import Format, parse_observed, recognised
from bloomery.check.wiring import compare
from bloomery.plan import Plan, make_plan
from bloomery.report.files.infiniband import ibutils, topologies
from bloomery.report.files.netlist import netlists
from bloomery.site import load

PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
LIBRARY = "umad2sim/libumad2sim.so"
PATIENCE = 60
"""Seconds for any of them; each takes one or two."""


def tool(name: str) -> str:
    found = shutil.which(name, path=PATH)
    assert found, f"no {name}: tools/packages.txt names its package; run make setup"
    return found


def library() -> Path:
    found = [*Path("/usr/lib").glob(f"*/{LIBRARY}"), *Path("/usr/lib").glob(LIBRARY)]
    assert found, f"no {LIBRARY}: tools/packages.txt names ibsim-utils; run make setup"
    return found[0]


def sizes(net: str) -> list[str]:
    """The options that the first line of a netlist gives."""
    words = net.splitlines()[0].split()
    assert words[:2] == ["#", "ibsim"] and words[-1] == "FILE"
    return words[2:-1]


@contextmanager
def simulated(net: str, folder: Path) -> Iterator[Mapping[str, str]]:
    """Environment of tools that reach the subnet of ``net``."""
    (folder / "subnet.net").write_text(net)
    env = {
        "PATH": PATH,
        "IBSIM_SOCKNAME": f"bloomery-{os.getpid()}-{folder.name}",
        "OSM_CACHE_DIR": str(folder),
        "OSM_TMP_DIR": str(folder),
        "IBDM_IBNL_PATH": str(folder),
    }
    command = [tool("ibsim"), *sizes(net), "subnet.net"]
    said = folder / "ibsim.log"
    with (
        said.open("w") as log,
        subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        ) as running,
    ):
        try:
            until = time.monotonic() + PATIENCE
            while env["IBSIM_SOCKNAME"] not in Path("/proc/net/unix").read_text():
                assert running.poll() is None and time.monotonic() < until, said.read_text()
                time.sleep(0.05)
            yield env | {"LD_PRELOAD": str(library())}
        finally:
            running.kill()
    assert "cannot" not in said.read_text() and "invalid" not in said.read_text()


def answer(env: Mapping[str, str], folder: Path, *command: str) -> str:
    """What a tool prints; it must end with 0."""
    ended = subprocess.run(
        [tool(command[0]), *command[1:]],
        cwd=folder, env=dict(env), capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def discovered(net: str, folder: Path) -> str:
    """What ibnetdiscover prints of ``net`` once OpenSM has brought it up."""
    with simulated(net, folder) as env:
        answer(env, folder, "opensm", "-o", "-e", "-f", str(folder / "osm.log"))
        log = (folder / "osm.log").read_text()
        assert "SUBNET UP" in log and " ERR " not in log, log
        return answer(env, folder, "ibnetdiscover")


def test_opensm_sweeps_the_netlist_and_every_cable_is_discovered(
    one_su: Plan, tmp_path: Path
) -> None:
    text = discovered(netlists(one_su)["compute"].decode(), tmp_path)
    assert recognised("x", text) is Format.IBNETDISCOVER
    assert " lid 0 " not in text and text.count("4xHDR") == 2 * 512
    found = compare(one_su, parse_observed("x", text))
    assert (found.planned, found.right, found.findings) == (512, 512, ())
    assert {(it.name, it.port) for it in found.learnt} == {
        (f"mlx5_{rail}/P1", f"hca{rail + 1}") for rail in range(8)
    }


def test_a_swap_and_a_lost_cable_of_the_netlist_are_discovered(
    one_su: Plan, tmp_path: Path
) -> None:
    cables = list(one_su.fabric.cables)
    one, two = cables[-1], cables[-9]
    cables[-1] = one._replace(b_device=two.b_device, b_port=two.b_port, b_index=two.b_index)
    cables[-9] = two._replace(b_device=one.b_device, b_port=one.b_port, b_index=one.b_index)
    wired = replace(one_su, fabric=replace(one_su.fabric, cables=tuple(cables[1:])))
    text = discovered(netlists(wired)["compute"].decode(), tmp_path)
    found = compare(one_su, parse_observed("x", text))
    assert [it.kind for it in found.findings] == ["missing", "swapped"]
    assert found.right == 509


def read_by_ibutils(files: Mapping[str, bytes], folder: Path) -> str:
    """What ibdmtr says of the route from a machine's first adapter over a leaf to a spine."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    env = {"PATH": PATH, "IBDM_IBNL_PATH": str(folder)}
    route = ("-s", "s01-n01/mlx5_0", "-p", "1", "-d", "0,1,33")
    ended = subprocess.run(
        [tool("ibdmtr"), "-t", "compute.topo", *route],
        cwd=folder, env=env, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    return ended.stdout


def test_ibutils_reads_its_topology_and_systems(one_su: Plan, tmp_path: Path) -> None:
    said = read_by_ibutils(ibutils(one_su), tmp_path)
    assert "-W-" not in said and "-E-" not in said
    assert "-I- Defined 44/268 systems/nodes" in said
    first = next(c for c in one_su.fabric.cables if c.a_device == "compute-leaf-s01-r1")
    hops = [line.split()[-2:] for line in said.splitlines() if "Host:" in line]
    assert hops == [
        ["Host:s01-n01", "Plug:mlx5_0/P1"],
        ["Host:compute-leaf-s01-r1", "Plug:P1"],
        ["Host:compute-leaf-s01-r1", "Plug:P33"],
        [f"Host:{first.b_device}", f"Plug:P{first.b_index}"],
    ]


def test_ibutils_passes_over_the_speeds_of_today(one_su: Plan, tmp_path: Path) -> None:
    """Why it has a topology of its own."""
    files = {**ibutils(one_su), "compute.topo": topologies(one_su)["compute"]}
    assert "-W- Ignoring '   P1 -4x-100G-> " in read_by_ibutils(files, tmp_path)


def test_ibutils_knows_none_of_the_systems_by_itself(one_su: Plan, tmp_path: Path) -> None:
    files = {"compute.topo": ibutils(one_su)["compute.topo"]}
    assert "-E- Fail to find definition for system:SWITCH-X" in read_by_ibutils(files, tmp_path)


@pytest.mark.parametrize("ports", [64, 144])
def test_systems_have_the_ports_of_the_switch(one_su: Plan, ports: int) -> None:
    switches = tuple(replace(s, ports=ports) for s in one_su.fabric.switches)
    text = ibutils(replace(one_su, fabric=replace(one_su.fabric, switches=switches)))
    lines = text["SWITCH-X.ibnl"].decode().splitlines()
    assert f"NODE SW {ports} SWITCH-X U1" in lines
    assert lines[-1] == f"    {ports} -> P{ports}"


@pytest.fixture(scope="module")
def named() -> Plan:
    """Machines whose adapters have declared names, of two kinds."""
    return make_plan(load(Path(__file__).parents[2] / "golden" / "ports"))


def test_declared_adapters_are_what_ibnetdiscover_prints(named: Plan, tmp_path: Path) -> None:
    text = discovered(netlists(named)["compute"].decode(), tmp_path)
    assert '"hopper-01 mlx5_11"' in text and '"other-01 mlx5_15"' in text
    assert 'hopper-01 mlx5_1"' not in text
    found = compare(named, parse_observed("x", text))
    assert (found.planned, found.right, found.findings, found.learnt) == (32, 32, (), ())


def test_ibutils_reads_machines_of_two_kinds(named: Plan, tmp_path: Path) -> None:
    files = ibutils(named)
    assert {"HCA_mlx5_8.ibnl", "HCA_mlx5_8_2.ibnl"} <= set(files)
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    route = ("-s", "hopper-01/mlx5_3", "-p", "1", "-d", "0,1")
    ended = subprocess.run(
        [tool("ibdmtr"), "-t", "compute.topo", *route],
        cwd=tmp_path, env={"PATH": PATH, "IBDM_IBNL_PATH": str(tmp_path)},
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert "-W-" not in ended.stdout and "-E-" not in ended.stdout
    assert "-I- Defined 4/18 systems/nodes" in ended.stdout
    assert "Host:hopper-01" in ended.stdout and "mlx5_3/P1" in ended.stdout
