"""Writes an installation to a disk; a process of its own, so that a power cut can kill it.

Run as a file with ``python -I -S`` inside a mount namespace of its own: the standard
library only. The order comes as JSON on standard input; each line on standard output is
one for the console.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SSHD = """\
Port {port}
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
UseDNS no
"""

HOSTS = """\
127.0.0.1 localhost
{address} {names}
"""

SOURCES = """\
Types: deb
URIs: {url}
Suites: {suite}
Components: main
Signed-By: /etc/apt/keyrings/bloomery-depot.asc
"""

APT_CONF = """\
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::http::Proxy "false";
"""
"""Without translations and recommended packages: the mirror holds neither."""


@dataclass(frozen=True)
class Order:
    """What is to be installed."""

    cgroups: list[str]
    mount: list[str]
    root: str
    """Where the disk is mounted."""
    meta: dict[str, str]
    files: dict[str, str]
    """Files of the seed, base64."""
    record: dict[str, object]
    """Content of ``/etc/bloomery/install.json``."""
    address: str
    ssh_port: int
    machine_id: str
    depot: str
    """URL of the package mirror; empty where there is none."""
    suite: str
    depot_key: str


class Installer:
    """Steps of one installation, in order."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._root = Path(order.root)

    def install(self) -> None:
        """All of it; raises on the first step that fails."""
        order = self._order
        for folder in order.cgroups:
            (Path(folder) / "cgroup.procs").write_text(str(os.getpid()))
        subprocess.run(order.mount, check=True)
        self._say("disk: image written")
        self._name()
        self._user()
        self._ssh()
        self._packages()
        self._write("etc/bloomery/install.json", json.dumps(order.record) + "\n")
        subprocess.run(["sync", "--file-system", str(self._root)], check=True)
        self._say("disk: written")

    def _name(self) -> None:
        order, hostname = self._order, self._order.meta["hostname"]
        self._write("etc/hostname", hostname + "\n")
        # The name with its domain comes first: that is how a host learns its domain (hosts(5)).
        names = " ".join(filter(None, (order.meta.get("fqdn"), hostname)))
        self._write("etc/hosts", HOSTS.format(address=order.address, names=names))
        self._write("etc/machine-id", order.machine_id + "\n", 0o444)
        self._write("etc/systemd/network/10-bloomery.network", self._seed("host.network"))
        self._say(f"seed: {hostname} at {order.address}")

    def _user(self) -> None:
        user = self._order.meta["user"]
        self._chroot("useradd", "--create-home", "--shell", "/bin/bash", user)
        self._write(f"etc/sudoers.d/{user}", f"{user} ALL=(ALL) NOPASSWD: ALL\n", 0o440)
        home = f"home/{user}/.ssh"
        self._write(f"{home}/authorized_keys", self._seed("authorized_keys"), 0o600)
        (self._root / home).chmod(0o700)
        self._chroot("chown", "-R", f"{user}:{user}", f"/{home}")
        self._say(f"seed: user {user}")

    def _ssh(self) -> None:
        self._write("etc/ssh/ssh_host_ed25519_key", self._seed("ssh_host_ed25519_key"), 0o600)
        public = self._seed("ssh_host_ed25519_key.pub")
        self._write("etc/ssh/ssh_host_ed25519_key.pub", public)
        sshd = SSHD.format(port=self._order.ssh_port)
        self._write("etc/ssh/sshd_config.d/10-bloomery.conf", sshd)
        self._say(f"seed: host key {public.split()[1][-12:]}")

    def _packages(self) -> None:
        """Packages come from the mirror the medium names, and from nowhere else."""
        order = self._order
        for file in (self._root / "etc/apt/sources.list.d").glob("*"):
            file.unlink()
        (self._root / "etc/apt/sources.list").unlink(missing_ok=True)
        self._write("etc/apt/apt.conf.d/90bloomery", APT_CONF)
        if order.depot:
            self._write("etc/apt/keyrings/bloomery-depot.asc", order.depot_key)
            sources = SOURCES.format(url=order.depot, suite=order.suite)
            self._write("etc/apt/sources.list.d/bloomery.sources", sources)
            self._say(f"packages: from {order.depot}")

    def _seed(self, name: str) -> str:
        return base64.b64decode(self._order.files[name]).decode()

    def _write(self, path: str, text: str, mode: int = 0o644) -> None:
        file = self._root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        # A file of the image may be a link; it is replaced, never followed.
        file.unlink(missing_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        file.chmod(mode)

    def _chroot(self, *command: str) -> None:
        subprocess.run(["chroot", str(self._root), *command], check=True)

    def _say(self, line: str) -> None:
        print(line, flush=True)


def main() -> int:
    """Install what standard input says; 1 and one line on standard error when it fails."""
    try:
        Installer(Order(**json.load(sys.stdin))).install()
    except (OSError, subprocess.CalledProcessError, KeyError, ValueError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
