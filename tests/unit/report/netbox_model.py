"""A small model of NetBox's bulk import and export: not NetBox.

It holds the columns of the import forms, which of them are required, what must be unique (the
unique constraints of NetBox 4.7), that a device gets the interfaces of its type, and that a
file is taken whole or not at all. Headings of its exports are those that NetBox 4.7.3 wrote
(``tests/replies/netbox``). It was held against that NetBox once, with the same files.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

RECORDED = Path(__file__).parents[2] / "replies" / "netbox"

FORMS = {
    "manufacturers": {"name", "slug"},
    "device-types": {"manufacturer", "model", "slug", "u_height", "weight", "weight_unit"},
    "device-roles": {"name", "slug", "color"},
    "sites": {"name", "slug", "status"},
    "locations": {"site", "name", "slug", "status"},
    "racks": {"site", "location", "name", "status", "width", "u_height", "max_weight",
              "weight_unit", "description"},
    "devices": {"name", "role", "manufacturer", "device_type", "serial", "status", "site",
                "location", "rack", "position", "face", "asset_tag", "comments"},
    "interfaces": {"device", "name", "type", "mgmt_only"},
    "cables": {"side_a_site", "side_a_device", "side_a_type", "side_a_name", "side_b_site",
               "side_b_device", "side_b_type", "side_b_name", "type", "status", "label", "length",
               "length_unit", "profile"},
}  # fmt: skip
"""Kind -> columns that its form takes and that bloomery uses."""

REQUIRED = {
    "manufacturers": {"name", "slug"},
    "device-types": {"manufacturer", "model", "slug"},
    "device-roles": {"name", "slug", "color"},
    "sites": {"name", "slug", "status"},
    "locations": {"site", "name", "slug", "status"},
    "racks": {"site", "name", "status"},
    "devices": {"role", "manufacturer", "device_type", "site", "status"},
    "interfaces": {"device", "name", "type"},
    "cables": {"side_a_type", "side_a_name", "side_b_type", "side_b_name"},
}
"""Columns without which a new object is refused."""

UNIQUE = {
    "manufacturers": [("name",), ("slug",)],
    "device-types": [("manufacturer", "model"), ("manufacturer", "slug")],
    "device-roles": [("name",), ("slug",)],
    "sites": [("name",), ("slug",)],
    "locations": [("site", "name"), ("site", "slug")],
    "racks": [("location", "name")],
    "devices": [("site", "name"), ("site", "rack", "position", "face")],
    "interfaces": [("device", "name")],
    "cables": [],
}
"""What may be there once. A rack without a location is not held to it, as in NetBox."""

LINKS = {
    "device-types": {"manufacturer": ("manufacturers", "name")},
    "locations": {"site": ("sites", "name")},
    "racks": {"site": ("sites", "name"), "location": ("locations", "name")},
    "devices": {"role": ("device-roles", "name"), "site": ("sites", "name"),
                "device_type": ("device-types", "model"), "rack": ("racks", "name")},
}  # fmt: skip
"""Column -> the kind it names one of, and by what."""

Record = dict[str, str]


class Refused(Exception):
    """The whole file: NetBox takes none of its rows then."""


class NetBoxModel:
    """Objects by kind, each with an id."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Record]] = {kind: {} for kind in FORMS}
        self.ports: dict[str, list[str]] = {}
        self._next = 1

    def add_type(self, manufacturer: str, model: str, slug: str, height: int, *ports: str) -> None:
        """A type of the public library, with the interfaces of its devices."""
        if manufacturer not in {it["name"] for it in self.objects["manufacturers"].values()}:
            self._new("manufacturers", {"name": manufacturer, "slug": manufacturer.lower()})
        row = {"manufacturer": manufacturer, "model": model, "slug": slug, "u_height": str(height)}
        self.ports[self._new("device-types", row)] = list(ports)

    def import_files(self, files: Mapping[str, bytes]) -> None:
        """All of them, in the order of their names. Raises Refused."""
        for name in sorted(name for name in files if name.startswith("netbox/")):
            stem = re.sub(r"^\d+-|-update$|\.csv$", "", name.rpartition("/")[2])
            kind = stem.removesuffix(".csv").removesuffix("-update").removeprefix("breakout-")
            self.import_file(kind, files[name])

    def import_file(self, kind: str, data: bytes) -> None:
        before = {kind: {key: dict(it) for key, it in its.items()}
                  for kind, its in self.objects.items()}  # fmt: skip
        try:
            for row in csv.DictReader(io.StringIO(data.decode())):
                self._row(kind, dict(row))
        except Refused:
            self.objects = before
            raise

    def _row(self, kind: str, row: Record) -> None:
        key = row.pop("id", "")
        if unknown := {name.split(".")[0] for name in row} - FORMS[kind]:
            raise Refused(f"{kind}: unexpected columns {sorted(unknown)}")
        given = {name.split(".")[0] for name, value in row.items() if value}
        if not key and (gaps := REQUIRED[kind] - given):
            raise Refused(f"{kind}: required: {sorted(gaps)}")
        if key and key not in self.objects[kind]:
            raise Refused(f"{kind}: no object with id {key}")
        for name, (linked, by) in LINKS.get(kind, {}).items():
            if row.get(name):
                self._one(linked, {by: row[name], **_scope(linked, row)})
        if kind == "interfaces":
            row = self._of_device(row)
        if kind == "cables" and not key:
            row = {**row, "a": self._side(row, "a"), "b": self._side(row, "b")}
        self._new(kind, row, key)

    def _new(self, kind: str, row: Record, key: str = "") -> str:
        made = {**self.objects[kind].get(key, {}), **row}
        for columns in UNIQUE[kind]:
            mine = [made.get(name, "").lower() for name in columns]
            for other, it in self.objects[kind].items():
                if (
                    other != key
                    and all(mine)
                    and mine == [it.get(name, "").lower() for name in columns]
                ):
                    raise Refused(f"{kind}: {'/'.join(columns)} {made} exists")
        fresh, key = not key, key or str(self._next)
        self._next += 1
        self.objects[kind][key] = made
        if kind == "devices" and fresh:
            (kind_id,) = self._ids("device-types", {"model": made["device_type"]})
            for port in self.ports.get(kind_id, ()):
                self._new("interfaces", {"device": key, "name": port})
        return key

    def _ids(self, kind: str, want: Record) -> list[str]:
        return [key for key, it in self.objects[kind].items() if want.items() <= it.items()]

    def _one(self, kind: str, want: Record) -> str:
        found = self._ids(kind, want)
        if len(found) != 1:
            raise Refused(f"{kind}: {want}: {len(found)} found")
        return found[0]

    def _of_device(self, row: Record) -> Record:
        named = row.pop("device", "")
        if (key := row.pop("device.id", "")) and key not in self.objects["devices"]:
            raise Refused(f"devices: no id {key}")
        return {**row, "device": key or self._one("devices", {"name": named})}

    def _side(self, row: Record, side: str) -> str:
        owners, names = (row[f"side_{side}_{key}"].split(",") for key in ("device", "name"))
        owners = owners * len(names) if len(owners) == 1 else owners
        at = {"site": row[f"side_{side}_site"]} if row.get(f"side_{side}_site") else {}
        ends = [self._one("interfaces", {"device": self._one("devices", {"name": owner, **at}),
                                         "name": name})
                for owner, name in zip(owners, names, strict=True)]  # fmt: skip
        used = {
            end for it in self.objects["cables"].values() for s in "ab" for end in it[s].split()
        }
        if used & set(ends) or len(set(ends)) < len(ends):
            raise Refused(f"cables: {side}: {names} of {owners} has a cable")
        return " ".join(ends)

    def export(self, folder: Path) -> Path:
        """The exports of NetBox: tables, and YAML for types of devices."""
        folder.mkdir(exist_ok=True)
        for file in RECORDED.glob("*.csv"):
            heads = next(csv.reader(io.StringIO(file.read_text())))
            kind = file.stem.removeprefix("netbox_").replace(" ", "-")
            with (folder / file.name).open("w", newline="") as out:
                rows = csv.DictWriter(out, heads, restval="", extrasaction="ignore")
                rows.writeheader()
                rows.writerows(self._table(kind))
        types = [
            {**it, "interfaces": [{"name": port} for port in self.ports.get(key, ())]}
            for key, it in self.objects["device-types"].items()
        ]
        (folder / "netbox_device types.yaml").write_text(yaml.safe_dump_all(types))
        return folder

    def _table(self, kind: str) -> Iterator[Record]:
        devices, ports = self.objects["devices"], self.objects["interfaces"]
        for key, it in self.objects[kind].items():
            row = {name.capitalize(): value for name, value in it.items()} | {"ID": key}
            if kind == "racks":
                row |= {"Height": f"{it['u_height']}U", "Facility ID": it.get("facility_id", "")}
            if kind == "devices":
                row |= {"Type": it["device_type"], "Serial number": it["serial"]}
                row |= {"Asset tag": it.get("asset_tag", ""), "Rack": self._rack(it)}
            if kind == "interfaces":
                owner = devices[it["device"]]
                row |= {"Device": _label(owner, "asset_tag"), "Device Site": owner["site"]}
            for side in "ab" if kind == "cables" else "":
                ends = [
                    (devices[ports[end]["device"]], ports[end]["name"]) for end in it[side].split()
                ]
                row |= {
                    f"Site {side.upper()}": ",".join(owner["site"] for owner, _ in ends),
                    f"Device {side.upper()}": ",".join(
                        _label(owner, "asset_tag") for owner, _ in ends
                    ),
                    f"Termination {side.upper()}": ",".join(name for _, name in ends),
                    "Length": f"{it['length']} {it['length_unit']}" if it["length"] else "—",
                }
            yield row

    def _rack(self, device: Record) -> str:
        want = {"site": device.get("site", ""), "name": device.get("rack", "")}
        found = self._ids("racks", want)
        return _label(self.objects["racks"][found[0]], "facility_id") if found else want["name"]


def _label(it: Record, behind: str) -> str:
    """How a table calls an object of another list."""
    return f"{it['name']} ({it[behind]})" if it.get(behind) else it["name"]


def _scope(kind: str, row: Record) -> Record:
    """What besides its name an object is looked for by."""
    if kind in ("locations", "racks"):
        here = {"site": row["site"]} | ({"location": row["location"]} if kind == "racks" else {})
        return here
    return {"manufacturer": row["manufacturer"]} if kind == "device-types" else {}
