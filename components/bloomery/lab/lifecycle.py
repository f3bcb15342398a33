"""``up`` and ``down``: a lab brought up, repaired, and taken away without a trace."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from bloomery.errors import LabError
from bloomery.lab import sweep
from bloomery.lab.daemon_process import end_daemon, ensure_daemon
from bloomery.lab.delays import Delays
from bloomery.lab.factory import ensure_factory
from bloomery.lab.files import read_json, write_json
from bloomery.lab.image import lab_cache
from bloomery.lab.layout import LabDir
from bloomery.lab.lock import held
from bloomery.lab.prerequisites import ensure_prerequisites
from bloomery.lab.ready import require
from bloomery.lab.spec import LabSpec, lab_id, spec_from_json, spec_of
from bloomery.plan import make_plan
from bloomery.site import load
from bloomery.statedir import StateDir
from bloomery.trust.ca import ensure_ca
from bloomery.trust.secret import ensure_private_file, open_secret

TIME_FACTOR = 0.02
"""Scale of the BMCs' own delays in a lab: a reset that takes two minutes on metal takes
2.4 s, slow enough that a driver which does not wait is found out."""

Progress = Callable[[str], None]


def up(
    site: Path | str,
    env: Mapping[str, str],
    progress: Progress = print,
    time_factor: float = TIME_FACTOR,
    delays: Mapping[str, Delays] | None = None,
) -> LabSpec:
    """Bring the lab of the site directory up, or repair it; all endpoints answer on return.

    ``time_factor`` scales what the BMCs take, ``delays`` are of machines by name. Changes
    nothing where all is well. Machines keep what they were doing. Raises
    FaultsError for a bad site, NotReadyError for what this machine lacks, LabError.
    """
    plan = make_plan(load(site))
    state = StateDir.of(plan.site.name, env)
    spec = spec_of(plan, state.lab, time_factor, delays)
    require(spec, state.path, lab_cache(env))
    with held(LabDir(state.lab).up_lock, lambda: progress("waiting for another lab up or down")):
        _ensure_trust(state, spec, progress)
        if spec.guests:
            ensure_prerequisites(state, lab_cache(env), spec, progress)
        _drop_strangers(state, spec)
        write_json(LabDir(state.lab).spec, spec.to_json())
        ensure_daemon(state, lab_cache(env), spec, progress)
    return spec


def down(site: str, env: Mapping[str, str], progress: Progress = print) -> None:
    """Take the lab of the site called ``site`` away: machines, disks, kernel objects, files.

    Needs state files, control groups and names only, so it works after any kill. The
    site's secret, CA and caches stay. LabError names what could not be removed.
    """
    state = StateDir.of(site, env)
    lab = LabDir(state.lab)
    with held(lab.up_lock, lambda: progress("waiting for another lab up or down")):
        names = _known_machines(lab)
        progress("stopping the lab")
        end_daemon(lab)
        sweep.kernel_objects(lab_id(lab.path), lab.path)
        _forget(state, names)
        progress("lab removed")
    lab.up_lock.unlink(missing_ok=True)


def _ensure_trust(state: StateDir, spec: LabSpec, progress: Progress) -> None:
    """Secret, site CA and factory passwords, each made once."""
    ensure_private_file(state.secret)
    secret = open_secret(state.secret)
    ensure_ca(secret, spec.site, state.ca, datetime.datetime.now(datetime.UTC))
    if ensure_factory(secret, spec, state.factory):
        progress(f"factory passwords of {len(spec.machines)} machines are sealed")


def _drop_strangers(state: StateDir, spec: LabSpec) -> None:
    """Machines that left the delivery list leave the lab too."""
    lab = LabDir(state.lab)
    for name in _known_machines(lab) - {machine.name for machine in spec.machines}:
        end_daemon(lab)
        sweep.machine_objects(spec.id, name, lab.machine(name).disk)
        shutil.rmtree(lab.machine(name).path)


def _known_machines(lab: LabDir) -> set[str]:
    folder = lab.path / "machines"
    return {place.name for place in folder.iterdir()} if folder.is_dir() else set()


def _forget(state: StateDir, names: set[str]) -> None:
    """Remove the lab's files, and what was written down about machines that are no more."""
    if state.lab.exists():
        shutil.rmtree(state.lab)
    for file in (state.factory, state.depot_key):
        file.unlink(missing_ok=True)
    for name in names:
        (state.journal / f"{name}.jsonl").unlink(missing_ok=True)


def current_spec(site: str, env: Mapping[str, str]) -> LabSpec:
    """The lab as it was last brought up. LabError where there is none."""
    lab = LabDir(StateDir.of(site, env).lab)
    value = read_json(lab.spec)
    if value is None:
        raise LabError("the lab is not running", subject=site, next_step=f"bloomery lab up {site}")
    return spec_from_json(value)
