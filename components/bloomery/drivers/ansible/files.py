"""The files and the environment of one ansible-playbook run, all in its workspace.

Secrets reach Ansible through files on tmpfs, never through arguments or environment;
hosts are known beforehand, by the key the job names; nothing of the caller's own
Ansible or ssh settings is read.
"""

from __future__ import annotations

import json
from pathlib import Path

from bloomery.drivers.ansible.protocol import Job, Target
from bloomery.drivers.ansible.request import Request

MAX_FORKS = 50
"""Ansible costs 80 to 90 ms of controller time a host and task; more forks only wait."""

_CONNECT = 10
"""Seconds a host may take to accept the connection."""

_ALIVE = ("ServerAliveInterval=2", "ServerAliveCountMax=3")
"""A host that loses power sends nothing: without these a task waits for the timeout."""


def write_all(request: Request) -> None:
    """Write inventory, variables, keys and the empty configuration."""
    private, job = request.private, request.job
    for folder in ("env", "home", "tmp", "cp", "inventory"):
        (private / folder).mkdir(mode=0o700)
    extra = {**job.vars, **job.secret_vars}
    if job.artifacts:
        extra["artifacts"] = job.artifacts
    key = job.login_key if job.login_key.endswith("\n") else job.login_key + "\n"
    _write(private / "env" / "extravars", json.dumps(extra))
    _write(private / "login_key", key)
    _write(private / "known_hosts", known_hosts(job))
    _write(private / "ansible.cfg", "")
    _write(private / "inventory" / "hosts.json", json.dumps(inventory(job, private)))


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def known_hosts(job: Job) -> str:
    """One line a host that is logged in to, in the form ssh looks it up."""
    known = (target for target in job.targets.values() if target.host_key)
    return "".join(f"{_ssh_name(t)} {t.host_key.strip()}\n" for t in known)


def _ssh_name(target: Target) -> str:
    return target.address if target.port == 22 else f"[{target.address}]:{target.port}"


def inventory(job: Job, private: Path) -> dict[str, object]:
    """Inventory as Ansible's YAML plugin reads it: all hosts, then groups of names."""
    hosts = {name: _host(target, private) for name, target in job.targets.items()}
    groups: dict[str, dict[str, dict[str, None]]] = {}
    for name, target in job.targets.items():
        for group in target.groups:
            groups.setdefault(group, {"hosts": {}})["hosts"][name] = None
    return {"all": {"hosts": hosts, "children": groups}}


def _host(target: Target, private: Path) -> dict[str, object]:
    if not target.host_key:
        return {"ansible_host": target.address}  # listed by templates, logged in to by nobody
    return {
        **target.vars,
        "ansible_host": target.address,
        "ansible_port": target.port,
        "ansible_user": target.user,
        "ansible_ssh_private_key_file": str(private / "login_key"),
        # asking each host which Python it has would cost a round trip
        "ansible_python_interpreter": "/usr/bin/python3",
    }


def environment(request: Request) -> dict[str, str]:
    """Settings of ansible-playbook, added to the worker's own small environment."""
    private = request.private
    return {
        "ANSIBLE_CONFIG": str(private / "ansible.cfg"),
        "ANSIBLE_HOME": str(private / "home"),
        "ANSIBLE_LOCAL_TEMP": str(private / "tmp"),
        "ANSIBLE_ROLES_PATH": str(request.content / "roles"),
        "ANSIBLE_LIBRARY": str(request.content / "library"),
        "ANSIBLE_COLLECTIONS_PATH": str(private / "home"),
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_GATHERING": "explicit",
        "ANSIBLE_TIMEOUT": str(_CONNECT),
        "ANSIBLE_NOCOLOR": "True",
        # modules would write their arguments to the journal of every host
        "ANSIBLE_NO_TARGET_SYSLOG": "True",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(private / "cp"),
        "ANSIBLE_SSH_ARGS": " ".join(ssh_arguments(private)),
    }


def ssh_arguments(private: Path) -> list[str]:
    """Arguments of every ssh of the run."""
    options = (
        "StrictHostKeyChecking=yes",
        f"UserKnownHostsFile={private / 'known_hosts'}",
        "GlobalKnownHostsFile=/dev/null",
        "UpdateHostKeys=no",
        "IdentitiesOnly=yes",
        "IdentityAgent=none",
        "PreferredAuthentications=publickey",
        "BatchMode=yes",
        *_ALIVE,
        "ControlMaster=auto",
        "ControlPersist=600",
    )
    return ["-F", "/dev/null", *(part for option in options for part in ("-o", option))]
