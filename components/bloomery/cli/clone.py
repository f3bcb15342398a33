"""``bloomery site clone``: a new site after one that is there, with a state of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from bloomery.cli.env import ENV_BACKEND, environment, prepare_stack
from bloomery.cli.notes import console
from bloomery.cli.project import project_dir
from bloomery.cli.stackfile import prepare_stack_file, stack_file
from bloomery.errors import Fault, FaultsError, NotReadyError
from bloomery.site import MACHINES_FILE, SITE_FILE, find_site
from bloomery.site.draft.clone import Cloned, clone, refusals, write
from bloomery.site.reading.fault_texts import tell
from bloomery.site.types.part import Part
from bloomery.site.types.text_types import Name
from bloomery.statedir import ENV_STATE, StateDir, state_root


def clone_site(site: str, name: str, into: Path | None) -> None:
    """Clone ``site`` as ``name``, or raise FaultsError and leave nothing behind."""
    source = find_site(site)
    target = (into or Path(os.path.normpath(source / ".."))) / name
    state = StateDir.of(name, {**os.environ, ENV_STATE: str(state_root(os.environ).absolute())})
    project = _project(Path.cwd())
    faults = [*_name_faults(name), *refusals(source, target), *_taken(name, state, project)]
    if faults:
        raise FaultsError(faults)
    cloned = clone(source, name)
    out = console()
    _announce(out, target, cloned, state, project)
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, state.path, ignore_errors=True)
        if project:
            undo.callback(stack_file(project, name).unlink, missing_ok=True)
        _own_state(name, project, os.environ, lab=cloned.lab)
        write(cloned, target)
        undo.pop_all()
    _tell(out, source, target, cloned)


def _project(cwd: Path) -> Path | None:
    try:
        return project_dir(cwd)
    except NotReadyError:
        return None


def _name_faults(name: str) -> Iterator[Fault]:
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError as error:
        for _, reason, hint in tell(Part, error):
            yield Fault("(command line)", 0, "DST", reason, hint)


def _taken(name: str, state: StateDir, project: Path | None) -> Iterator[Fault]:
    """What an earlier site of that name left: its secrets and its stack are not the clone's."""
    if os.path.lexists(state.path):
        hint = "a clone gets its own secrets: choose another name, or move this directory away"
        yield Fault(str(state.path), 0, "(directory)", f"holds the state of a site {name!r}", hint)
    if project and os.path.lexists(stack_file(project, name)):
        file = stack_file(project, name)
        yield Fault(
            str(file),
            0,
            "(file)",
            "exists already",
            "choose another name: a clone overwrites no file",
        )


def _own_state(name: str, project: Path | None, env: Mapping[str, str], *, lab: bool) -> None:
    """Secret, passphrase, CA and backend of its own; in a project its stack and stack file."""
    values = environment(name, env)
    if project and not prepare_stack(values, env, project, lab=lab):
        # On another backend people make the stack; its file is ours to write all the same.
        prepare_stack_file(project, name, lab=lab)


def _announce(
    out: Console, target: Path, cloned: Cloned, state: StateDir, project: Path | None
) -> None:
    """Every place that is about to be written: most of them lie outside the new directory."""
    lines = [
        f"writing {target}",
        f"   state: {state.path}, with a secret, a passphrase and a CA of its own",
    ]
    if cloned.national:
        lines.append(f"   national file: {target.parent / cloned.national.name}")
    if project:
        lines.append(f"   stack: {stack_file(project, target.name)}")
    if ENV_BACKEND in os.environ:
        lines.append(f"   {ENV_BACKEND} is set: the stack is stored in that backend")
    for line in lines:
        out.print(line, soft_wrap=True, markup=False)


def _tell(out: Console, source: Path, target: Path, cloned: Cloned) -> None:
    lines = [
        f"{target}: cloned from {source}, without its identities and addresses",
        f"   to complete: {cloned.values} values in {SITE_FILE},"
        f" {cloned.rows} rows in {MACHINES_FILE}",
        f"next: bloomery site check {target} lists every value to complete, with its line",
    ]
    for line in lines:
        out.print(line, soft_wrap=True, markup=False)
