"""Our Redfish client against recorded trees of BMCs: what works on which, as a table.

    PYTHONPATH=tools python -m trees DIR [--json]

DIR holds one JSON file a tree: ``{"source", "tree", "resources": {path: body}}``.

Lives here: a stateful server over such a tree, the operations that are tried on it, the table.
Must not live here: the client (``bloomery.drivers.redfish``), or any recording.
"""
