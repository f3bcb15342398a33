"""Reads what a NetBox has: a folder of its exports, or a JSON file of its REST answers."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from bloomery.errors import Fault, FaultsError
from bloomery.report.netbox.existing import KINDS, End, Existing, HasCable
from bloomery.report.netbox.fields import FIELDS
from bloomery.report.netbox.labels import labels, named
from bloomery.report.netbox.table import Row

TEMPLATES = "interface-templates"
"""Kind of object that says which interfaces a device of a type gets."""

HINT = "in NetBox: the list of these objects, Export, All Data; or the REST API with ?limit=0"


class _Reader:
    """Gathers objects and faults of all files of one export."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.faults: list[Fault] = []
        self.objects: dict[str, list[Row]] = {}
        self.ports: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.cables: list[HasCable] = []
        self.answers: dict[str, list[Mapping[str, object]]] = {}

    def fault(self, file: Path, line: int, path: str, reason: str, hint: str = "") -> None:
        self.faults.append(Fault(str(file), line, path, reason, hint))

    def read(self) -> Existing:
        for file in self._files():
            match file.suffix:
                case ".json":
                    self._json(file)
                case ".csv":
                    self._csv(file)
                case _:
                    self._yaml(file)
        missing = [kind for kind in KINDS if kind not in self.objects]
        types = self.answers.get("device-types")
        if types and TEMPLATES not in self.answers:
            missing.append(TEMPLATES)
        for kind in missing:
            self.fault(self.source, 0, kind, "not in the export", HINT)
        if self.faults:
            raise FaultsError(self.faults)
        self._join()
        objects = {kind: tuple(rows) for kind, rows in self.objects.items()}
        ports = {kind: frozenset(names) for kind, names in self.ports.items()}
        return Existing(str(self.source), objects, ports, tuple(self.cables))

    def _files(self) -> Iterator[Path]:
        if not self.source.exists():
            raise FaultsError([Fault(str(self.source), 0, "(file)", "does not exist", HINT)])
        if not self.source.is_dir():
            yield self.source
            return
        for file in sorted(self.source.iterdir()):
            if file.suffix in (".csv", ".json", ".yaml", ".yml"):
                yield file

    def _json(self, file: Path) -> None:
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            self.fault(file, 0, "(file)", f"is not JSON: {error}")
            return
        if isinstance(told, list) or (isinstance(told, dict) and "results" in told):
            told = {_kind(file.stem): told}
        if not isinstance(told, dict):
            self.fault(file, 0, "(file)", "is neither a list nor an object of lists")
            return
        for path, answer in told.items():
            self._answer(file, path, answer)

    def _answer(self, file: Path, path: str, answer: object) -> None:
        """Objects, a page of them, or all pages in a list."""
        kind = _kind(path)
        pages = answer if isinstance(answer, list) and _are_pages(answer) else [answer]
        found = [it for page in pages for it in _objects(page)]
        if not all(isinstance(it, dict) for it in found) or not isinstance(answer, list | dict):
            self.fault(file, 0, path, "is not a list of objects", "the answer of the REST API")
            return
        count = pages[0].get("count") if pages and isinstance(pages[0], dict) else None
        if count is not None and count != len(found):
            reason = f"holds {len(found)} of {count} objects"
            self.fault(file, 0, path, reason, "put the answers of all pages into a list")
        elif kind in FIELDS:
            self.answers.setdefault(kind, []).extend(found)
            fields = {name: at for name, (at, _) in FIELDS[kind].items() if at}
            self.objects.setdefault(kind, []).extend(
                {name: _at(it, at) for name, at in fields.items()} for it in found
            )

    def _csv(self, file: Path) -> None:
        kind = _kind(file.stem)
        if kind not in FIELDS or kind == TEMPLATES:
            return
        if kind == "device-types":
            hint = "Export, All Data gives YAML with the interfaces of each type"
            self.fault(file, 1, kind, "a table does not tell the interfaces of a type", hint)
            return
        rows = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig")))
        fields = {name: head for name, (_, head) in FIELDS[kind].items() if head}
        for head in fields.values():
            if head not in (rows.fieldnames or ()):
                hint = "Export, All Data, with the language of NetBox set to English"
                self.fault(file, 1, kind, f"has no column {head!r}", hint)
                self.objects.setdefault(kind, [])
        if kind not in self.objects or not self.faults:
            made = [
                {name: _plain(row.get(head) or "") for name, head in fields.items()} for row in rows
            ]
            self.objects.setdefault(kind, []).extend(made)

    def _yaml(self, file: Path) -> None:
        if _kind(file.stem) != "device-types":
            return
        try:
            documents = [it for it in yaml.safe_load_all(file.read_text("utf-8")) if it]
        except yaml.YAMLError as error:
            self.fault(file, 0, "(file)", f"is not YAML: {' '.join(str(error).split())}")
            return
        found = self.objects.setdefault("device-types", [])
        for it in documents:
            found.append({name: _at(it, name) for name in FIELDS["device-types"]})
            names = (str(port["name"]) for port in it.get("interfaces") or ())
            self.ports[found[-1]["manufacturer"], found[-1]["model"]].update(names)

    def _join(self) -> None:
        """What one answer says of another by its id only."""
        types = {row["id"]: row for row in self.objects["device-types"]}
        for row in self.objects.get(TEMPLATES, ()):
            if it := types.get(row["type_id"]):
                self.ports[it["manufacturer"], it["model"]].add(row["name"])
        sites = {row["id"]: row["site"] for row in self.objects["devices"]}
        self.objects["interfaces"] = [
            {"site": sites.get(row.get("device_id", ""), ""), **row}
            for row in self.objects["interfaces"]
        ]
        self._name()
        for row, answer in zip(
            self.objects["cables"],
            self.answers.get("cables") or self.objects["cables"],
            strict=True,
        ):
            told = _ends_of(answer, sites) if "a_terminations" in answer else _ends_in(row)
            self.cables.append(HasCable(row, told))

    def _name(self) -> None:
        """Names for the labels that tables have."""
        racks = labels(self.objects["racks"], "facility_id")
        tags = labels(self.objects["devices"], "asset_tag")
        self.objects |= {
            "devices": [named(row, racks, "rack") for row in self.objects["devices"]],
            "interfaces": [named(row, tags, "device") for row in self.objects["interfaces"]],
            "cables": [
                named(named(row, tags, "device_a", "site_a"), tags, "device_b", "site_b")
                for row in self.objects["cables"]
            ],
        }


def read_existing(source: Path) -> Existing:
    """Raises FaultsError with everything that is wrong in any file."""
    return _Reader(source).read()


def _kind(name: str) -> str:
    """``device-types`` of ``netbox_device types``, ``/api/dcim/device-types/`` and the like."""
    last = name.strip("/").rpartition("/")[2].lower().removeprefix("netbox_")
    return last.replace(" ", "-").replace("_", "-")


def _are_pages(answer: list[object]) -> bool:
    return bool(answer) and all(isinstance(it, dict) and "results" in it for it in answer)


def _objects(page: object) -> list[dict[str, object]]:
    found = page.get("results", []) if isinstance(page, dict) else page
    return found if isinstance(found, list) else []


def _at(answer: object, path: str) -> str:
    for key in path.split("."):
        answer = answer.get(key) if isinstance(answer, Mapping) else None
    return "" if answer is None else str(answer)


def _plain(text: str) -> str:
    """A table writes a dash where there is nothing."""
    return "" if text == "—" else text


def _ends_in(row: Row) -> tuple[frozenset[End], frozenset[End]]:
    a, b = (
        frozenset(
            zip(
                *(row[f"{key}_{side}"].split(",") for key in ("site", "device", "name")),
                strict=False,
            )
        )
        for side in "ab"
    )
    return a, b


def _ends_of(
    answer: Mapping[str, object], sites: Mapping[str, str]
) -> tuple[frozenset[End], frozenset[End]]:
    a, b = (frozenset(_ends(answer[f"{side}_terminations"], sites)) for side in "ab")
    return a, b


def _ends(ends: object, sites: Mapping[str, str]) -> Iterator[End]:
    for end in ends if isinstance(ends, Sequence) else ():
        owner = _at(end, "object.device.id")
        yield sites.get(owner, ""), _at(end, "object.device.name"), _at(end, "object.name")
