"""The provider's schema: names and required inputs, for ``pulumi import`` and readers."""

from __future__ import annotations

import json

from bloomery import __version__

REQUIRED = {
    "bloomery:site:Site": ["name", "country", "location"],
    "bloomery:site:Layer": ["site", "name", "machines", "runs"],
    "bloomery:metal:Node": [
        "site",
        "name",
        "identity",
        "bmc",
        "host",
        "image",
        "installGeneration",
        "keyEpoch",
    ],
    "bloomery:ansible:Run": ["site", "name", "playbook", "groups", "hosts"],
    "bloomery:evidence:Acceptance": ["site", "planDigest", "claims"],
}
"""Resource type -> inputs without which nothing can be done."""

VERSION = "bloomery:index:version"
"""Function that tells a programme which provider it has (``resources.provider``)."""

ANY = {"$ref": "pulumi.json#/Any"}


def schema() -> str:
    """Pulumi package schema as JSON text."""
    resources = {
        token: {
            "inputProperties": dict.fromkeys(inputs, ANY),
            "requiredInputs": inputs,
            "properties": dict.fromkeys(inputs, ANY),
            "required": inputs,
        }
        for token, inputs in REQUIRED.items()
    }
    told = {"outputs": {"properties": {"version": {"type": "string"}}, "required": ["version"]}}
    return json.dumps(
        {
            "name": "bloomery",
            "version": __version__,
            "resources": resources,
            "functions": {VERSION: told},
        }
    )
