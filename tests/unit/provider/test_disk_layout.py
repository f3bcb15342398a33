"""A machine that answers, and does not stand on the disk that the site wants."""

from __future__ import annotations

import pytest
from site_in_process import SiteInProcess, node_plan

from bloomery.plan.model import OsDiskPlan


@pytest.mark.parametrize(
    ("root", "secure_boot", "lacks"),
    [
        (("crypt", "disk", "disk", "part", "part", "raid1"), True, ""),
        (
            ("crypt", "disk", "part", "raid1"),
            True,
            "the mirror lacks a disk: crypt, disk, part, raid1",
        ),
        (("disk", "part"), True, "LUKS2 required, the root file system is on: disk, part"),
        ((), True, "the root file system is on: unknown"),
        (("crypt", "disk", "disk", "part", "part", "raid1"), False, "found: not enforced"),
        (("crypt", "disk", "disk", "part", "part", "raid1"), None, "found: unknown"),
    ],
)
async def test_a_disk_that_is_not_laid_out_as_wanted_is_no_success(
    shop: SiteInProcess, root: tuple[str, ...], secure_boot: bool | None, lacks: str
) -> None:
    disk = OsDiskPlan(mirror=True, encrypt="luks2")
    shop.metal.root, shop.metal.secure_boot = root, secure_boot
    made = await shop.up(node_plan(os_disk=disk, secure_boot=True))
    assert made["ready"] is (not lacks)
    assert lacks in str(made["reason"])
    assert ("n01: 2 in reinstall" in str(made["nextStep"])) is ("root file system" in lacks)
    assert ("firmware" in str(made["nextStep"])) is ("found" in lacks)
    await shop.up(node_plan(os_disk=disk, secure_boot=True))
    assert shop.metal.wiped == 1, "said, and never mended by wiping"
