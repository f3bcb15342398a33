"""The least a programme can do: register custom resources from a file, in a loop."""

import json
from pathlib import Path

import pulumi

listed = json.loads(Path(__file__).with_name("resources.json").read_text(encoding="utf-8"))
for name, inputs in listed.items():
    pulumi.CustomResource("bare:index:Thing", name, inputs)
