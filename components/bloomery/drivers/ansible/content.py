"""Where the playbooks are, and a digest of all that one playbook runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

import bloomery
from bloomery.errors import NotReadyError

_ROLE_ACTIONS = ("import_role", "include_role")
_UNSEEN = ("__pycache__", ".git")


def content_root() -> Path:
    """Directory with ``playbooks`` and ``roles``.

    The ``ansible`` folder of the checkout bloomery runs from, else the copy inside the
    wheel. Raises NotReadyError where neither is there.
    """
    package = Path(bloomery.__file__).resolve().parent
    for root in (package.parents[1] / "ansible", package / "_content" / "ansible"):
        if (root / "playbooks").is_dir():
            return root
    raise NotReadyError(
        "the Ansible content is missing",
        next_step="install the wheel again, or run from a checkout",
    )


def playbook_path(playbook: str, root: Path | None = None) -> Path:
    """File of the playbook called ``playbook``; NotReadyError where there is none."""
    path = (root or content_root()) / "playbooks" / f"{playbook}.yml"
    if not path.is_file():
        raise NotReadyError(f"no playbook {playbook!r}", subject=str(path.parent))
    return path


def shipped_paths(ships: Sequence[str]) -> Mapping[str, Path]:
    """What travels with a run: each name inside the package, and where it is on the controller.

    Raises NotReadyError for a name that leads out of the package, or to nothing.
    """
    package = Path(bloomery.__file__).resolve().parent
    found = {name: (package / name).resolve() for name in ships}
    for name, path in found.items():
        if not path.is_relative_to(package) or not path.exists():
            raise NotReadyError(f"a run ships {name!r}, which the package does not contain")
    return found


def content_digest(playbook: str, root: Path | None = None, ships: Sequence[str] = ()) -> str:
    """SHA-256 in hex over the playbook, the roles it names, the group files and what it ships.

    Any byte that can change what the run does changes the digest, and nothing else.
    """
    base = root or content_root()
    path = playbook_path(playbook, base)
    roles = _with_dependencies(base, _roles_named(yaml.safe_load(path.read_text()) or []))
    files = [path]
    for folder in (base / "group_vars", base / "playbooks" / "group_vars", base / "library"):
        files += _files(folder)
    for role in sorted(roles):
        files += _files(base / "roles" / role)
    named = [(file.relative_to(base).as_posix(), file) for file in files]
    for name, path in sorted(shipped_paths(ships).items()):
        inside = _files(path) if path.is_dir() else [path]
        named += [(f"{name}:{file.relative_to(path).as_posix()}", file) for file in inside]
    total = hashlib.sha256()
    for name, file in named:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        total.update(f"{name} {content}\n".encode())
    return total.hexdigest()


def _files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not set(_UNSEEN) & set(path.parts))


def _roles_named(node: object) -> Iterator[str]:
    """Every role a parsed YAML document names, in ``roles:`` or by a role action."""
    if isinstance(node, list):
        for item in node:
            yield from _roles_named(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("roles", "dependencies") and isinstance(value, list):
                for entry in value:
                    yield from _role_of(entry)
            elif str(key).rpartition(".")[2] in _ROLE_ACTIONS:
                yield from _role_of(value)
            else:
                yield from _roles_named(value)


def _role_of(entry: object) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, dict):
        name = entry.get("role") or entry.get("name")
        if isinstance(name, str):
            yield name


def _with_dependencies(base: Path, names: Iterator[str]) -> set[str]:
    """``names`` and every role those roles depend on or include."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        role = waiting.pop()
        if role in seen:
            continue
        seen.add(role)
        for folder in ("meta", "tasks", "handlers"):
            for file in sorted((base / "roles" / role / folder).glob("*.yml")):
                waiting += _roles_named(yaml.safe_load(file.read_text()) or [])
    return seen
