"""One release file into one frozen ``Release``, or every fault of it with its line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

from bloomery.catalogue import Release, node_models, release_names
from bloomery.catalogue.figure import folder_texts
from bloomery.catalogue.pinned import Pinned
from bloomery.catalogue.release import FOLDER
from bloomery.catalogue.software import Software
from bloomery.errors import Fault, FaultsError, InputError
from bloomery.site.load import read_document
from bloomery.site.reading.document import Document, parse
from bloomery.site.reading.document import Path as Place
from bloomery.site.reading.fault_texts import suggest, tell

SUFFIX = ".yaml"


def load_release(name_or_path: str) -> Release:
    """The release of that name in the catalogue, or the one in that file.

    Raises FaultsError with all faults of the file, InputError where there is none.
    """
    document, name = _document(name_or_path)
    faults, made = list(document.faults), None
    if document.data is not None:
        try:
            made = Release.model_validate(document.data)
        except ValidationError as error:
            faults.extend(document.fault(*told) for told in tell(Release, error))
    if made is not None:
        faults.extend(_faults(document, made, name))
    if faults or made is None:
        raise FaultsError(sorted(dict.fromkeys(faults), key=lambda fault: fault.line))
    return made


def _document(name_or_path: str) -> tuple[Document, str]:
    if name_or_path in release_names():
        text = folder_texts(FOLDER)[name_or_path]
        return parse(f"catalogue/data/{FOLDER}/{name_or_path}{SUFFIX}", text), name_or_path
    if os.sep in name_or_path or name_or_path.endswith(SUFFIX):
        path = Path(name_or_path)
        return read_document(path), path.stem
    raise InputError(
        f"unknown release {name_or_path!r}",
        next_step=suggest(name_or_path, release_names(), "releases"),
    )


def _faults(document: Document, made: Release, name: str) -> Iterator[Fault]:
    """What shows only when the parts are seen together."""
    if made.name != name:
        hint = f"the file is {name}{SUFFIX}"
        yield document.fault(("name",), f"name {made.name!r} is not that of its file", hint)
    if made.software is not None:
        yield from _unknown_models(document, made.software)
        yield from _repositories(document, made.software)


def _unknown_models(document: Document, software: Software) -> Iterator[Fault]:
    for at, key in enumerate(software.models):
        if (first := software.models.index(key)) < at:
            reason, hint = f"model {key!r} is there twice", f"models[{first}] names it"
            yield document.fault(("software", "models", at), reason, hint)
    for path, key in _model_keys(software):
        if key not in node_models():
            hint = suggest(key, node_models(), "models")
            yield document.fault(("software", *path), f"unknown model {key!r}", hint)


def _model_keys(software: Software) -> Iterator[tuple[Place, str]]:
    """Every place that names a node model."""
    yield from ((("models", at), key) for at, key in enumerate(software.models))
    yield from ((("firmware", key), key) for key in software.firmware)
    for key in software.kernel.flavours if software.kernel else ():
        yield ("kernel", "flavours", key), key
    for path, pinned in _pinned(software, ()):
        yield from (((*path, "models", key), key) for key in pinned.models)


def _pinned(value: object, path: Place) -> Iterator[tuple[Place, Pinned]]:
    if isinstance(value, Pinned):
        yield path, value
    elif isinstance(value, BaseModel):
        for name, inner in value:
            yield from _pinned(inner, (*path, name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _pinned(inner, (*path, key))


def _repositories(document: Document, software: Software) -> Iterator[Fault]:
    known: dict[str, int] = {}
    for at, repository in enumerate(software.repositories):
        if repository.key in known:
            reason = f"repository {repository.key!r} is there twice"
            hint = f"repositories[{known[repository.key]}] has the key"
            yield document.fault(("software", "repositories", at, "key"), reason, hint)
        known.setdefault(repository.key, at)
    for path, key in _repository_keys(software):
        if key not in known:
            hint = suggest(key, known, "repositories")
            yield document.fault(("software", *path), f"unknown repository {key!r}", hint)


REPOSITORY_FIELDS = ("repository", "driver_repository", "containers")
"""Fields whose value is the key of a repository."""


def _repository_keys(software: Software) -> Iterator[tuple[Place, str]]:
    for name, part in software:
        if isinstance(part, BaseModel):
            for field in REPOSITORY_FIELDS:
                key = getattr(part, field, None)
                if isinstance(key, str):
                    yield (name, field), key
