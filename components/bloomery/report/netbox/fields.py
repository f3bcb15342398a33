"""Where the fields that are compared stand: in answers of the REST API, and in exported tables."""

from __future__ import annotations

from collections.abc import Mapping

Fields = Mapping[str, tuple[str, str]]
"""Field -> path in an answer, heading in a table."""

NAMED: Fields = {"id": ("id", "ID"), "name": ("name", "Name"), "slug": ("slug", "Slug")}

FIELDS: Mapping[str, Fields] = {
    "manufacturers": NAMED,
    "device-types": {
        "id": ("id", "ID"),
        "manufacturer": ("manufacturer.name", "Manufacturer"),
        "model": ("model", "Device Type"),
        "slug": ("slug", "Slug"),
        "u_height": ("u_height", "U Height"),
    },
    "device-roles": NAMED,
    "sites": NAMED,
    "locations": {**NAMED, "site": ("site.name", "Site")},
    "racks": {
        "id": ("id", "ID"),
        "name": ("name", "Name"),
        "site": ("site.name", "Site"),
        "location": ("location.name", "Location"),
        "u_height": ("u_height", "Height"),
        "facility_id": ("facility_id", "Facility ID"),
    },
    "devices": {
        "id": ("id", "ID"),
        "name": ("name", "Name"),
        "site": ("site.name", "Site"),
        "location": ("location.name", "Location"),
        "rack": ("rack.name", "Rack"),
        "position": ("position", "Position"),
        "face": ("face.value", "Rack face"),
        "role": ("role.name", "Role"),
        "manufacturer": ("device_type.manufacturer.name", "Manufacturer"),
        "device_type": ("device_type.model", "Type"),
        "serial": ("serial", "Serial number"),
        "asset_tag": ("asset_tag", "Asset tag"),
    },
    "interfaces": {
        "device_id": ("device.id", ""),
        "device": ("device.name", "Device"),
        "site": ("", "Device Site"),
        "name": ("name", "Name"),
    },
    "interface-templates": {
        "type_id": ("device_type.id", ""),
        "name": ("name", "Name"),
    },
    "cables": {
        "id": ("id", "ID"),
        "label": ("label", "Label"),
        "length": ("length", "Length"),
        "site_a": ("", "Site A"),
        "device_a": ("", "Device A"),
        "name_a": ("", "Termination A"),
        "site_b": ("", "Site B"),
        "device_b": ("", "Device B"),
        "name_b": ("", "Termination B"),
    },
}
"""Kind of object -> its fields. An empty path or heading: that form does not have it there."""
