"""Reachability of a host over ssh on paramiko, with the host key known beforehand."""

from __future__ import annotations

import base64
import io
import json

import paramiko

from bloomery.drivers.ssh.protocol import INSTALL_RECORD, HostFacts, Login
from bloomery.errors import CredentialRefused, NotTrusted, UnknownState, Unreachable

SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
"""The variable of UEFI 2.10, 3.3: four bytes of attributes, then 1 where it is enforced."""

PROBE = (
    f"cat {INSTALL_RECORD}; systemctl is-system-running;"
    ' echo root: $(lsblk -nso TYPE "$(findmnt -nvo SOURCE /)" 2>/dev/null);'
    f" echo secure boot: $(od -An -tu1 -j4 {SECURE_BOOT} 2>/dev/null)"
)
"""One command, so that one login tells everything."""

RUNNING = ("running", "degraded")
"""States of systemd in which the host takes work; degraded units are a role's business."""


class _Expected(paramiko.MissingHostKeyPolicy):
    """Refuses every key: the expected one is known, so a missing key is a wrong one."""

    def missing_host_key(
        self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey
    ) -> None:
        raise NotTrusted(
            f"presented host key {key.fingerprint}, which was not derived for it",
            subject=hostname,
            next_step="check which host has this address",
        )


def _client(login: Login) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    kind, _, data = login.host_key.partition(" ")
    key = paramiko.Ed25519Key(data=base64.b64decode(data.split()[0]))
    name = login.address if login.port == 22 else f"[{login.address}]:{login.port}"
    client.get_host_keys().add(name, kind, key)
    client.set_missing_host_key_policy(_Expected())
    return client


def _open(client: paramiko.SSHClient, login: Login, timeout: float) -> None:
    key = paramiko.Ed25519Key.from_private_key(io.StringIO(login.private_key))
    try:
        client.connect(
            login.address,
            port=login.port,
            username=login.user,
            pkey=key,
            timeout=timeout,
            banner_timeout=timeout,
            auth_timeout=timeout,
            allow_agent=False,
            look_for_keys=False,
        )
    except paramiko.BadHostKeyException as error:
        raise NotTrusted(
            f"presented host key {error.key.fingerprint}, which was not derived for it",
            subject=login.address,
            next_step="check which host has this address",
        ) from None
    except paramiko.AuthenticationException:
        raise CredentialRefused(
            f"refused the site's login key for {login.user}", subject=login.address
        ) from None
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise Unreachable(f"ssh: {error}", subject=login.address) from None


def _run(client: paramiko.SSHClient, login: Login, command: str, timeout: float) -> str:
    try:
        _, stdout, _ = client.exec_command(command, timeout=timeout)
        return stdout.read().decode(errors="replace")
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise Unreachable(f"ssh: {error}", subject=login.address) from None


def probe(login: Login, timeout: float) -> HostFacts:
    """Log in once and read the install record (``protocol.Probe``). ``timeout`` in seconds."""
    client = _client(login)
    try:
        _open(client, login, timeout)
        text = _run(client, login, PROBE, timeout)
    finally:
        client.close()
    return read_facts(text, login.address)


def read_facts(text: str, address: str) -> HostFacts:
    """What the probe command printed. Raises UnknownState without an install record."""
    text = text.lstrip()
    try:
        said, end = json.JSONDecoder().raw_decode(text)
        state, _, rest = text[end:].lstrip().partition("\n")
        told = dict(line.partition(":")[::2] for line in rest.splitlines())
        return HostFacts(
            node=str(said["node"]),
            site=str(said["site"]),
            generation=int(said["generation"]),
            image=str(said["image"]),
            booted=state.strip() in RUNNING,
            root=tuple(sorted(told.get("root", "").split())),
            secure_boot={"1": True, "0": False}.get(told.get("secure boot", "").strip()),
        )
    except (ValueError, KeyError, TypeError):
        raise UnknownState(
            f"has no readable {INSTALL_RECORD}", subject=address, next_step="check the host"
        ) from None
