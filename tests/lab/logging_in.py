"""Logging in to a host of a test site as the site itself does, host key checked."""

from __future__ import annotations

import subprocess

from lab_under_test import Story

from bloomery.plan import make_plan
from bloomery.site import load
from bloomery.trust.keys import host_key, login_key
from bloomery.trust.secret import open_secret


def ssh(told: Story, node: str, command: str) -> subprocess.CompletedProcess[str]:
    """Run ``command`` on ``node`` with the site's derived keys."""
    secret = open_secret(told.state.secret)
    plan = make_plan(load(told.root / "inventories" / told.name)).node(node)
    key, known = told.root / "login", told.root / "known_hosts"
    key.write_text(login_key(secret, told.name, 1).private)
    key.chmod(0o600)
    known.write_text(
        f"{plan.host.address} {host_key(secret, plan.identity.system_uuid, 1).public}\n"
    )
    line = ["ssh", "-i", str(key), "-o", f"UserKnownHostsFile={known}"]
    line += ["-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes"]
    line += [f"{plan.host.user}@{plan.host.address}", command]
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
