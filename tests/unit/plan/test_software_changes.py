"""What changes from one software set to the next, what it takes, and on which machines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bloomery.catalogue import node_model, release
from bloomery.plan import Plan, make_plan
from bloomery.plan.diff import diff
from bloomery.plan.impact import Impact, impact
from bloomery.plan.impact_words import WIDTH, impact_lines
from bloomery.plan.model import SoftwarePlan
from bloomery.plan.resource_inputs import impact_props
from bloomery.plan.software.changes import SoftwareChange, changes, most
from bloomery.plan.software.release_diff import release_diff
from bloomery.plan.software.solve import solve
from bloomery.plan.software.target import Target
from bloomery.site import load

ROOT = Path(__file__).parents[3]
OLD, NEW = release("lab-gpu-2026.11"), release("lab-gpu-2026.12")


def lab(name: str) -> SoftwarePlan:
    one = solve(release(name), Target(node_model("lab-node"), "training"))
    assert one is not None
    return one


def plan(name: str) -> Plan:
    """The lab with three purposes, on that release."""
    return make_plan(load(ROOT / "inventories" / "lab").model_copy(update={"release": name}))


def said(found: tuple[SoftwareChange, ...]) -> list[str]:
    return [f"{it.name} {it.before or '-'} {it.after or '-'} {it.effect}" for it in found]


def test_packages_in_the_order_of_installation() -> None:
    found = changes(lab("lab-gpu-2026.11"), lab("lab-gpu-2026.12"))
    assert said(found) == [
        "nvidia-driver-pinning-580.126.20 580.126.20-1 - none",
        "nvidia-driver-pinning-580.173.02 - 580.173.02-1 none",
        "nvidia-open 580.126.20-1 580.173.02-1 reboot",
        "nvidia-fabricmanager 580.126.20-1 580.173.02-1 reboot",
        "libnvidia-nscq 580.126.20-1 580.173.02-1 reboot",
        "libnccl2 2.29.0-1+cuda13.0 2.30.4-1+cuda13.0 none",
        "libnccl-dev 2.29.0-1+cuda13.0 2.30.4-1+cuda13.0 none",
    ]
    assert most(found) == "reboot"
    assert {it.name for it in found if it.held and it.after} == {
        "nvidia-open",
        "nvidia-fabricmanager",
        "libnvidia-nscq",
        "libnccl2",
        "libnccl-dev",
    }


def test_equal_sets_change_nothing() -> None:
    assert changes(lab("lab-gpu-2026.11"), lab("lab-gpu-2026.11")) == ()
    assert most(()) == "none"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"firmware": {"bmc": "2"}}, "bmc 1 2 reboot"),
        ({"firmware": {}}, None),
        ({"parameters": ("quiet",)}, "quiet - quiet reboot"),
        ({"acs": "on"}, "on - on reboot"),
        ({"modules": ("ib_umad",)}, "ib_umad - ib_umad reboot"),
        ({"services": ()}, "nvidia-dcgm.service enabled nvidia-dcgm.service enabled - restart"),
        ({"sysctl": {"vm.zone_reclaim_mode": "1"}}, "vm.zone_reclaim_mode - 1 restart"),
        ({"frameworks": {"pytorch": "2"}}, "pytorch 1.13.1 2 none"),
        ({"memlock": "unlimited"}, "unlimited - unlimited restart"),
    ],
)
def test_what_has_no_package_changes_as_well(changed: dict, told: str | None) -> None:
    one = replace(lab("lab-gpu-2026.11"), firmware={"bmc": "1"})
    found = said(changes(one, replace(one, **changed)))
    assert told in found if told else found == []


def test_a_step_of_another_version_is_taken_for_a_reboot() -> None:
    """Plans of sealed records are read by later and earlier versions."""
    one = lab("lab-gpu-2026.11")
    (odd,) = (replace(it, step="firmware-tools") for it in one.packages if it.name == "libnccl2")
    later = replace(one, packages=(odd, *(it for it in one.packages if it.name != odd.name)))
    newer = replace(later, packages=(replace(odd, version="9-1"), *later.packages[1:]))
    assert [(it.name, it.effect) for it in changes(later, newer)] == [("libnccl2", "reboot")]


def test_a_hold_that_a_set_loses_is_a_change() -> None:
    one = lab("lab-gpu-2026.11")
    loose = replace(one, packages=tuple(replace(it, hold=False) for it in one.packages))
    assert {it.what for it in changes(one, loose)} == {"hold"}
    assert len(changes(one, loose)) == len(one.holds)


def test_releases_model_by_model() -> None:
    lab_diff = release_diff(OLD, NEW)
    assert [(it.model, it.there, it.effect) for it in lab_diff] == [
        ("lab-ghost", "both", "reboot"),
        ("lab-metal", "both", "reboot"),
        ("lab-node", "both", "reboot"),
    ]
    metal = release_diff(release("nvidia-2026.07"), release("nvidia-2026.08"))
    by_model = {it.model: it for it in metal}
    assert (by_model["dgx-b200"].there, by_model["dgx-b200"].changes) == ("new", ())
    names = [it.name for it in by_model["dgx-h100"].changes if it.what == "package"]
    assert names.index("nvidia-open") < names.index("cuda-toolkit-13-0") < names.index("libnccl2")
    assert {it.name for it in by_model["gb200-nvl72"].changes} >= {
        "nvidia-dkms-580-open",
        "nvidia-dkms-open",
    }
    assert release_diff(OLD, OLD, "lab-node")[0].changes == ()
    assert release_diff(OLD, NEW, "dgx-h100") == ()


@pytest.fixture(scope="module")
def moved() -> Impact:
    return impact(plan("lab-gpu-2026.11"), plan("lab-gpu-2026.12"))


def test_machines_whose_driver_changes_reboot(moved: Impact) -> None:
    assert {(it.pool, it.nodes, it.effect) for it in moved.software} == {
        ("serve", ("serve-01",), "reboot"),
        ("train", ("train-01", "train-02"), "reboot"),
    }
    rebooting = {name for ring in moved.rings for name in ring.reboots}
    assert rebooting == {"serve-01", "train-01", "train-02"}  # management has no driver
    assert all(not ring.wipes for ring in moved.rings)


def test_the_preview_names_pools_machines_and_versions(moved: Impact) -> None:
    lines = impact_lines(moved)
    assert max(map(len, lines)) <= WIDTH
    text = "\n".join(lines)
    assert "  release: lab-gpu-2026.11 -> lab-gpu-2026.12" in text
    assert "  driver: 580.126.20 -> 580.173.02" in text
    assert "  software of pool train (lab-node): 2 machines, reboot" in text
    assert "    none     libnccl2, libnccl-dev 2.29.0-1+cuda13.0 -> 2.30.4-1+cuda13.0" in text
    assert "    reboot   nvidia-open, nvidia-fabricmanager, libnvidia-nscq 580.126.20-1" in text
    assert impact_props(moved)["software"] == [
        {"pool": "serve", "nodes": 1, "changes": 7, "effect": "reboot"},
        {"pool": "train", "nodes": 2, "changes": 7, "effect": "reboot"},
    ]


def test_what_needs_no_reboot_reboots_nobody() -> None:
    """Only NCCL moves: machines are named, and stay up."""
    before = plan("lab-gpu-2026.12")
    sets = tuple(
        replace(
            one,
            packages=tuple(
                replace(it, version="2.31-1") if it.name == "libnccl2" else it
                for it in one.packages
            ),
        )
        for one in before.metal.software
    )
    after = replace(before, metal=replace(before.metal, software=sets))
    found = impact(before, after)
    assert found.rings == () and {it.effect for it in found.software} == {"none"}
    assert "no reboots" not in "\n".join(impact_lines(found))
    (changed, *_) = [it for it in diff(before, after).differences if it.kind == "software"]
    assert changed.name == "lab-node/serving/bare-metal"


def test_firmware_is_flashed_and_a_machine_installed_anew_has_no_changes() -> None:
    before = plan("lab-gpu-2026.11")
    sets = tuple(replace(one, firmware={"bmc": "2"}) for one in before.metal.software)
    nodes = tuple(
        replace(it, install_generation=2) if it.name == "train-01" else it
        for it in before.metal.nodes
    )
    after = replace(before, metal=replace(before.metal, software=sets, nodes=nodes))
    found = impact(before, after)
    assert {name for ring in found.rings for name in ring.wipes} == {"train-01"}
    assert {name for it in found.software for name in it.nodes} == {
        "mgmt-01",
        "serve-01",
        "train-02",
    }


def test_a_release_without_a_set_is_judged_by_its_pins() -> None:
    """Stacks of releases that name no set go on as before: their plans have no such key."""
    old = plan("lab-2026.11")
    assert old.metal.software == () and b'"software"' not in old.to_json()
    assert "software" not in impact_props(impact(old, old))
    towards = impact(old, plan("lab-gpu-2026.11"))
    assert {name for ring in towards.rings for name in ring.reboots} >= {"train-01", "train-02"}
    assert impact(plan("lab-gpu-2026.11"), old).software == ()


def test_the_oldest_driver_is_what_policies_see() -> None:
    pins = {"cuda": "13.0", "debian": "12", "driver": "580.126.20"}
    assert plan("lab-gpu-2026.11").site.pins == pins
    assert "driver" not in plan("lab-2026.11").site.pins
    assert Plan.from_json(plan("lab-gpu-2026.11").to_json()) == plan("lab-gpu-2026.11")
