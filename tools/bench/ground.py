"""Sites made for a bench, in a directory of their own that is gone afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from bloomery import lab
from bloomery.cli.env import environment
from bloomery.drivers.redfish.fake.personalities import PERSONALITIES
from bloomery.lab.delays import Delays
from bloomery.lab.image import image_dir, lab_cache, recipe_digest
from bloomery.lab.lifecycle import TIME_FACTOR
from bloomery.lab.prerequisites import depot_of
from bloomery.lab.spec import spec_of
from bloomery.plan import make_plan
from bloomery.plan.model import Plan
from bloomery.site import ENV_INVENTORIES, load
from bloomery.site.metal.delivery import HEADER
from bloomery.statedir import ENV_CACHE, ENV_STATE, StateDir, cache_root

BLOCK = 100
"""Second octet of every address a bench uses: 127.100.* and 10.100.*, used by no other lab."""

PREFIX = "bloomery-bench-"
"""Directories of grounds: then the number of the process they belong to."""

PER_RACK = 40
"""Virtual machines of one unit in a rack."""


@dataclass(frozen=True)
class Group:
    """Machines of one pool."""

    name: str
    count: int
    model: str = "lab-ghost"
    purpose: str = "training"
    personality: str = ""
    """What its BMCs show themselves as; empty for the plain BMC."""


def write_site(folder: Path, name: str, groups: Sequence[Group], runs: Sequence[str] = ()) -> Path:
    """The site ``name`` of virtual machines under ``folder``; returns its directory."""
    place = folder / name
    place.mkdir(parents=True)
    count = sum(group.count for group in groups)
    racks = [f"r{number:02d}" for number in range(1, -(-count // PER_RACK) + 1)]
    guests = any(group.model == "lab-node" for group in groups)
    sheet = _sheet(name, groups, racks, guests=guests)
    if runs:
        sheet["cluster"] = {"runs": list(runs), "port": 8000, "model_name": "tiny"}
    (place / "site.yaml").write_text(yaml.safe_dump(sheet, sort_keys=False), encoding="utf-8")
    rows = [HEADER, *_rows(name, groups)]
    (place / "machines.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return place


def _sheet(
    name: str, groups: Sequence[Group], racks: Sequence[str], *, guests: bool
) -> dict[str, object]:
    hosts = f"10.{BLOCK}.0.0/16" if guests else f"127.{BLOCK}.128.0/17"
    gateway = f"10.{BLOCK}.0.1" if guests else f"127.{BLOCK}.128.1"
    return {
        "site": name,
        "country": "UA",
        "location": "UA-lab",
        "lab": True,
        "release": "lab-2026.11",
        "networks": {
            "oob": {"cidr": f"127.{BLOCK}.0.0/17", "controller": f"127.{BLOCK}.0.1"},
            "provisioning": {
                "cidr": hosts,
                "gateway": gateway,
                "ssh_port": 22 if guests else 2222,
            },
        },
        "depot": {"url": f"http://{gateway}:8480"},
        "racks": [{"name": rack, "units": 42, "power_kw": 40} for rack in racks],
        "pools": [_pool(group) for group in groups],
        "policy": {"allowed_locations": ["UA-lab"]},
        "on_delete": "release",
        "protect": False,
    }


def _pool(group: Group) -> dict[str, str]:
    pool = {"name": group.name, "model": group.model, "purpose": group.purpose}
    if not group.personality:
        return pool
    reads_tls = "https" in PERSONALITIES[group.personality].media.schemes
    transport = {} if reads_tls else {"media_transport": "http"}
    return {**pool, "personality": group.personality, **transport}


def _rows(name: str, groups: Sequence[Group]) -> Iterator[str]:
    place = 0
    for group in groups:
        for number in range(1, group.count + 1):
            rack, unit = place // PER_RACK + 1, place % PER_RACK + 1
            place += 1
            host = f"{group.name}-{number:04d}"
            machine = uuid.uuid5(uuid.NAMESPACE_URL, f"{name}/{host}")
            yield ",".join(
                (
                    host,
                    group.name,
                    f"r{rack:02d}",
                    str(unit),
                    f"02:be:{BLOCK:02x}:00:{rack:02x}:{unit:02x}",
                    f"127.{BLOCK}.{rack}.{unit}:8443",
                    "",
                    f"BENCH{place:05d}",
                    str(machine),
                )
            )


@dataclass(frozen=True)
class Ground:
    """One site, its files and the variables a shell would have for it."""

    root: Path
    name: str
    env: dict[str, str]
    plan: Plan

    @property
    def site(self) -> Path:
        """Directory of the site."""
        return self.root / "inventories" / self.name

    @property
    def state(self) -> StateDir:
        """Files of the site."""
        return StateDir.of(self.name, self.env)


@contextmanager
def ground(name: str, groups: Sequence[Group], runs: Sequence[str] = ()) -> Iterator[Ground]:
    """A site and its state in a temporary directory; lab, if any, and files go at the end."""
    root = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        site = write_site(root / "inventories", name, groups, runs)
        base = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")},
            ENV_STATE: str(root / "state"),
            ENV_CACHE: str(cache_root(os.environ)),
            ENV_INVENTORIES: str(root / "inventories"),
        }
        env = {**base, **environment(name, base)}
        made = Ground(root, name, env, make_plan(load(site)))
        try:
            yield made
        finally:
            _lab_down(made)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def sweep(folder: Path) -> list[Path]:
    """Remove the grounds in ``folder`` whose process was killed, labs first; returns them."""
    gone = []
    for root in sorted(folder.glob(f"{PREFIX}*")):
        owner = root.name.removeprefix(PREFIX).partition("-")[0]
        if not owner.isdigit() or Path(f"/proc/{owner}").exists():
            continue
        env = {**os.environ, ENV_STATE: str(root / "state")}
        for state in (root / "state").glob("*/lab"):
            lab.down(state.parent.name, env, progress=lambda _: None)
        shutil.rmtree(root)
        gone.append(root)
    return gone


def _lab_down(made: Ground) -> None:
    """Take the lab away where one was brought up; its files are the proof that it was."""
    if made.state.lab.exists():
        lab.down(made.name, made.env, progress=lambda _: None)


def lab_up(
    made: Ground,
    time_factor: float = TIME_FACTOR,
    delays: Mapping[str, Delays] | None = None,
) -> None:
    """Bring the site's lab up; ``time_factor`` and ``delays`` as in ``lab.up``.

    Raises LabError or NotReadyError with what is missing.
    """
    lab.up(made.site, made.env, lambda _: None, time_factor, delays)


def guests_missing(made: Ground) -> str:
    """Why real hosts cannot be measured here now; empty where they can.

    An image or a package mirror that is not there yet takes minutes to make, and making it
    is no part of what is measured.
    """
    if os.geteuid() != 0:
        return "machines with a real OS need root"
    spec = spec_of(made.plan, made.state.lab, time_factor=1.0)
    cache = lab_cache(made.env)
    if not image_dir(cache, recipe_digest(spec.image)).is_dir():
        return "the lab's image is not built yet; bloomery lab up lab builds it"
    if not depot_of(spec, made.state, cache).store.is_dir():
        return "the lab's package mirror is not filled yet; bloomery lab up lab fills it"
    return ""
