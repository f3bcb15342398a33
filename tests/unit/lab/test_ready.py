"""What a lab needs of this machine, told all at once and before anything is made."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from bloomery.errors import LabError, NotReadyError
from bloomery.lab.ready import require
from bloomery.lab.spec import ImageSpec, LabSpec, MachineSpec, spec_from_json

MACHINE = MachineSpec(
    name="n01",
    kind="guest",
    model="lab-node",
    bmc_address="127.81.1.1",
    bmc_port=8443,
    bmc_mac="02:81:00:00:00:01",
    personality="standard",
    chassis_serial="S",
    system_uuid="6d0f7a10-5c1e-4b8a-9a53-810100000001",
    host_address="10.81.1.1",
    host_mac="02:00:00:00:00:01",
    ssh_port=22,
)
SPEC = LabSpec(
    id="bl00000",
    site="site",
    media_address="127.81.0.1",
    media_port=8480,
    media_path="/media/image.iso",
    depot_address="10.81.0.1",
    depot_port=8480,
    prefix=16,
    image=ImageSpec("image", ("systemd",), ("chrony",), "suite"),
    machines=(MACHINE,),
    time_factor=0.01,
)


def told(spec: LabSpec, state: Path) -> str:
    with pytest.raises(NotReadyError) as raised:
        require(spec, state, Path("/var/cache"))
    return str(raised.value)


def test_a_spec_comes_back_from_its_file_and_an_older_one_is_told() -> None:
    value = json.loads(json.dumps(SPEC.to_json()))
    assert spec_from_json(value) == SPEC
    assert spec_from_json(value).digest == SPEC.digest
    del value["media_path"]
    with pytest.raises(LabError, match="of another version"):
        spec_from_json(value)


def test_a_network_this_machine_is_in_already_is_refused(tmp_path: Path) -> None:
    taken = dataclasses.replace(SPEC, depot_address="127.0.0.1", prefix=8)
    assert "network 127.0.0.0/8 is in use on link lo" in told(taken, tmp_path)


def test_paths_that_overlay_options_would_split_are_refused(tmp_path: Path) -> None:
    assert "has a comma or colon in it" in told(SPEC, tmp_path / "a:b")


def test_a_state_on_an_overlay_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bloomery.lab.mounts.kind_of", lambda _: "overlay")
    assert "set BLOOMERY_STATE to one that is not" in told(SPEC, tmp_path)


def test_more_guests_than_the_kernel_watches_for_are_refused(tmp_path: Path) -> None:
    crowd = dataclasses.replace(SPEC, machines=(MACHINE,) * 100_000)
    assert "sysctl fs.inotify.max_user_instances=700007" in told(crowd, tmp_path)


def test_addresses_outside_loopback_are_refused_for_bmcs_and_ghosts(tmp_path: Path) -> None:
    ghost = dataclasses.replace(MACHINE, kind="ghost", bmc_address="192.0.2.1")
    text = told(dataclasses.replace(SPEC, machines=(ghost,)), tmp_path)
    assert "the BMC of n01 has 192.0.2.1" in text
    assert "ghost n01 has 10.81.1.1" in text
