"""What ``lldpcli show neighbors`` prints with ``-f json0`` and ``-f json``.

Both are of lldpd. ``json0`` always has lists, each text in ``{"value": ...}``; ``json`` has an
object in place of a list of one, and names as keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from bloomery.check.observed.neighbours import Neighbour, observed
from bloomery.check.observed.seen import Observed
from bloomery.errors import Fault, FaultsError

HINT = "give the output of: lldpcli show neighbors -f json0"


def parse_lldp_json(file: str, text: str, device: str) -> Observed:
    """Neighbours of ``device``. Raises FaultsError with everything that is wrong."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        reason = f"not JSON: {error.msg}"
        raise FaultsError([Fault(file, error.lineno, "(file)", reason, HINT)]) from None
    if not isinstance(document, Mapping) or "lldp" not in document:
        keys = ", ".join(map(str, document)) if isinstance(document, Mapping) else "a list"
        raise FaultsError([Fault(file, 1, "lldp", "missing", f"found: {keys}; {HINT}")])
    faults: list[Fault] = []
    rows = [
        row
        for name, body in _interfaces(document["lldp"])
        if (row := _neighbour(file, text, name, body, faults))
    ]
    if faults:
        raise FaultsError(faults)
    return observed(file, rows, device)


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    """The objects of a list, or the one that stands in its place."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping):
            yield item


def _interfaces(lldp: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    for whole in _objects(lldp):
        for one in _objects(whole.get("interface", [])):
            if isinstance(one.get("name"), str):
                yield str(one["name"]), one
                continue
            for name, bodies in one.items():
                for body in _objects(bodies):
                    yield name, body


def _neighbour(
    file: str, text: str, name: str, body: Mapping[str, object], faults: list[Fault]
) -> Neighbour | None:
    line = _line(text, name)
    port = next(_objects(body.get("port", [])), None)
    far_port = _text(port.get("id")) if port else ""
    if not port or not far_port:
        faults.append(Fault(file, line, f"{name}.port.id", "missing", HINT))
        return None
    chassis = next(_objects(body.get("chassis", [])), {})
    return Neighbour("", name, _system(chassis), far_port, _text(port.get("descr")), line)


def _system(chassis: Mapping[str, object]) -> str:
    """Name of the neighbour: a value in ``json0``, the key in ``json``; empty without one."""
    if "name" in chassis:
        return _text(chassis["name"])
    return next((key for key, value in chassis.items() if _is_system(key, value)), "")


def _is_system(key: str, value: object) -> bool:
    """``id`` holds a type and a value where the neighbour has no name; a name holds an id."""
    return isinstance(value, Mapping) and "id" in value and key != "id"


def _text(value: object) -> str:
    """``"x"``, ``{"value": "x"}`` or ``[{"value": "x"}]``."""
    if isinstance(value, str):
        return value.strip()
    return next((str(one.get("value", "")).strip() for one in _objects(value)), "")


def _line(text: str, name: str) -> int:
    """Line on which the interface begins."""
    quoted = re.escape(json.dumps(name))
    found = re.search(rf'"name"\s*:\s*{quoted}|{quoted}\s*:', text)
    return text.count("\n", 0, found.start()) + 1 if found else 1
