"""Names, tables and files of the lab: what can be told without a kernel object."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bloomery.errors import LabError
from bloomery.lab import control, mounts, net, proc
from bloomery.lab.cgroup import hierarchies
from bloomery.lab.faults import MachineFaults
from bloomery.lab.files import read_json, write_json
from bloomery.lab.image import recipe_digest
from bloomery.lab.sockets import listen
from bloomery.lab.spec import ImageSpec, lab_id

LINK_NAME_BYTES = 15

HYBRID = """\
25 30 0:22 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
26 25 0:23 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
27 25 0:24 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
28 25 0:25 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
"""

UNIFIED = "25 30 0:22 / /sys/fs/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"


@given(
    place=st.from_regex(r"(/[a-z0-9 ._-]{1,40}){1,6}", fullmatch=True), machine=st.text(min_size=1)
)
def test_link_names_always_fit_the_kernel(place: str, machine: str) -> None:
    lab = lab_id(Path(place))
    assert len(net.port_name(lab, machine).encode()) <= LINK_NAME_BYTES
    assert len(f"{lab}br") <= LINK_NAME_BYTES


def test_labs_of_one_name_in_two_state_directories_share_no_name(tmp_path: Path) -> None:
    """Else taking one down would take the other down too."""
    assert lab_id(tmp_path / "a" / "lab") != lab_id(tmp_path / "b" / "lab")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert lab_id(tmp_path / "link" / "lab") == lab_id(tmp_path / "a" / "lab")


def test_ports_of_two_machines_differ() -> None:
    lab = lab_id(Path("/state/site/lab"))
    assert len({net.port_name(lab, f"n{i}") for i in range(500)}) == 500


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (HYBRID, ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"]),
        (UNIFIED, ["/sys/fs/cgroup"]),
        ("25 30 0:22 / / rw - ext4 /dev/vda rw\n", []),
    ],
    ids=["hybrid", "unified", "none"],
)
def test_only_hierarchies_that_track_processes_are_used(text: str, places: list[str]) -> None:
    assert sorted(map(str, hierarchies(text))) == places


def test_mounts_below_a_folder_come_latest_first_and_unescaped(tmp_path: Path) -> None:
    folder = tmp_path / "a b"
    folder.mkdir()
    escaped = str(folder).replace(" ", "\\040")
    text = (
        "1 0 0:1 / / rw - ext4 /dev/vda rw\n"
        f"2 1 0:2 / {escaped} rw - tmpfs x rw\n"
        f"3 2 0:3 / {escaped}/inner rw - overlay x rw\n"
        f"4 1 0:4 / {escaped}-other rw - tmpfs x rw\n"
    )
    assert mounts.below(folder, text) == [folder / "inner", folder]
    assert mounts.kind_of(folder / "inner" / "deep", text) == "overlay"
    assert mounts.kind_of(tmp_path / "elsewhere", text) == "ext4"


def test_a_process_is_known_by_its_start_not_its_number() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    known = proc.find(child.pid)
    assert known is not None
    assert proc.alive(known)
    imposter = proc.Process(known.pid, known.start + 1)
    assert not proc.alive(imposter)
    assert not proc.send(imposter, proc.signal.SIGKILL)
    assert child.poll() is None
    assert proc.send(known, proc.signal.SIGKILL)
    child.wait()
    assert proc.find(child.pid) is None


def test_a_zombie_counts_as_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert proc.find(child.pid) is None
    child.wait()


def test_a_json_file_is_private_and_a_broken_one_is_told(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "file.json"
    assert read_json(file) is None
    write_json(file, {"a": 1})
    assert read_json(file) == {"a": 1}
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["file.json"]
    file.write_text("[1")
    with pytest.raises(LabError, match="not JSON"):
        read_json(file)


def test_faults_come_and_go_one_by_one_or_all() -> None:
    both = MachineFaults().with_fault("boot-hang", "").with_fault("disk-full", "9")
    assert "boot-hang" in both
    assert both.without("boot-hang").active == {"disk-full": "9"}
    assert both.without("all").active == {}


def test_the_recipe_follows_the_packages_and_not_their_order() -> None:
    image = ImageSpec("image", ("a", "b"), (), "suite")
    same = ImageSpec("other-name", ("b", "a"), ("more",), "other")
    assert recipe_digest(image) == recipe_digest(same)
    assert recipe_digest(image) != recipe_digest(ImageSpec("image", ("a",), (), "suite"))


def test_a_socket_deep_in_the_tree_is_reached_and_a_dead_one_told(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    listening = listen(deep / control.SOCKET_NAME)
    assert (deep / control.SOCKET_NAME).is_socket()
    listening.close()
    with pytest.raises(LabError, match="does not answer") as raised:
        control.ask(deep, "status", timeout=1)
    assert "lab up" in raised.value.next_step
