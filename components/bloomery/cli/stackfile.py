"""``Pulumi.<stack>.yaml``: written from the site, because it cannot be shared.

The engine adds a salt to it that belongs to the passphrase of one state directory. In
git it would make every checkout dirty, and break with the next passphrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from bloomery.catalogue import node_model

LAB_PATIENCE = "0.05"
"""Lab machines are virtual: a phase gets this fraction of its time limit on metal."""
METAL_PATIENCE = "0.4"
"""The same where a machine has firmware of its own: translated, it boots in 40 to 60 s of
processor time, which a controller under load takes ten minutes for."""


def is_slow(models: Iterable[str]) -> bool:
    """Whether any of a site's machines is a virtual one with firmware of its own."""
    return any(node_model(model).virtual == "machine" for model in models)


_SALT = re.compile(r"^encryptionsalt:.*\n?", re.MULTILINE)


def project_sheet(project: Path) -> dict[str, object]:
    """What ``Pulumi.yaml`` says."""
    sheet = yaml.safe_load((project / "Pulumi.yaml").read_text(encoding="utf-8"))
    return dict(sheet)


def stack_file(project: Path, stack: str) -> Path:
    """Where the engine looks for the configuration of ``stack``."""
    folder = project / str(project_sheet(project).get("stackConfigDir", "."))
    return folder / f"Pulumi.{stack}.yaml"


def prepare_stack_file(project: Path, stack: str, *, lab: bool, slow: bool = False) -> None:
    """Make the file fit for a stack that is about to be created.

    Written where it is missing. Where it is there, only a salt of an earlier state goes,
    and only if no secret hangs on it; everything else in it is the site's own.
    """
    path = stack_file(project, stack)
    if path.exists():
        text = path.read_text(encoding="utf-8")
        if "secure:" not in text:
            path.write_text(_SALT.sub("", text), encoding="utf-8")
        return
    name = project_sheet(project)["name"]
    config = {f"{name}:site": stack, "bloomery:site": stack, "bloomery:secret": "file:secret"}
    if lab:
        config["bloomery:patience"] = METAL_PATIENCE if slow else LAB_PATIENCE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"config": config}, sort_keys=False), encoding="utf-8")
