"""``bloomery site recovery-key``: what opens an encrypted disk that its TPM does not open."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bloomery.errors import Fault, FaultsError
from bloomery.plan import make_plan
from bloomery.plan.model import NodePlan
from bloomery.site import find_site, load
from bloomery.site.reading.fault_texts import suggest
from bloomery.statedir import StateDir
from bloomery.trust.keys import disk_recovery_key
from bloomery.trust.secret import open_secret


def print_recovery_key(site: str, machine: str, generation: int) -> None:
    """Print it; ``generation`` 0 is the installation that is wanted now. Raises FaultsError."""
    path = find_site(site)
    plan = make_plan(load(path))
    node = _encrypted(path, plan.metal.nodes, machine)
    secret = open_secret(StateDir.of(plan.site.name, os.environ).secret)
    wanted = generation or node.install_generation
    sys.stdout.write(disk_recovery_key(secret, node.identity.system_uuid, wanted) + "\n")


def _encrypted(path: Path, nodes: tuple[NodePlan, ...], machine: str) -> NodePlan:
    node = next((node for node in nodes if node.name == machine), None)
    if node is None:
        hint = suggest(machine, [node.name for node in nodes], "machines")
        raise FaultsError([Fault(str(path), 0, "MACHINE", f"unknown machine {machine!r}", hint)])
    if node.os_disk is None or not node.os_disk.encrypt:
        hint = f"os_disk: {{encrypt: luks2}} of pool {node.pool}, before it is installed"
        raise FaultsError([Fault(str(path), 0, "MACHINE", f"{machine} is not encrypted", hint)])
    return node
