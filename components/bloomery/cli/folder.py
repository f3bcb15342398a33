"""A folder of files on disk: all of them, or none."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from bloomery.errors import InputError
from bloomery.report.files import PLAN, SUMS


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put ``files`` in place of what ``folder`` held of an earlier plan.

    Everything is written beside it first and then takes its place by a rename, so that an
    interrupted run leaves the old folder. Raises InputError, with nothing written, when the
    folder holds anything that no plan wrote, or that was changed since: it would be lost.
    Raises OSError where the folder cannot be written.
    """
    target = folder.resolve()
    _refuse_strangers(target)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        for name, data in files.items():
            _write(draft / name, data)
        _swap(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _swap(draft: Path, target: Path) -> None:
    """The draft under the target's name; what was there goes only once it is."""
    old = draft.with_name(f"{draft.name}.old")
    there = target.exists()
    if there:
        target.rename(old)
    try:
        draft.rename(target)
    except OSError:
        if there:
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _refuse_strangers(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError("is a file", subject=str(folder), next_step="name a folder with --out")
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()}
    strangers = sorted(found - _ours(folder))
    if strangers:
        raise InputError(
            "holds files that were not written by a plan, or were changed since: "
            + ", ".join(strangers[:5]),
            subject=str(folder),
            next_step="name an empty or a new folder with --out",
        )


def _ours(folder: Path) -> set[str]:
    """Files of an earlier plan that are as it left them, by the list it left.

    Lists of that name are common, so a list counts for what its digests bear out, and only
    where it names a plan.
    """
    sums = folder / SUMS
    if not sums.is_file():
        return set()
    lines = sums.read_text(encoding="utf-8", errors="replace").splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    if PLAN not in listed:
        return set()
    return {SUMS, *(name for name, digest in listed.items() if _is(folder / name, digest))}


def _is(file: Path, digest: str) -> bool:
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == digest
