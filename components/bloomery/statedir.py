"""Where one site keeps its files on the controller, and where caches live.

Everything a site writes stands under one directory, so that it can be backed up,
inspected and removed as one. Nothing here opens a file.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ENV_STATE = "BLOOMERY_STATE"
"""Environment variable: directory that holds one folder per site."""

ENV_CACHE = "BLOOMERY_CACHE"
"""Environment variable: directory of what can be built again."""

ENV_SITE = "BLOOMERY_SITE"
"""Environment variable: name of the site the shell is set up for."""


def _home(env: Mapping[str, str]) -> Path:
    """The user's own directory; a service without ``HOME`` has that of its account."""
    return Path(env.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir)


def state_root(env: Mapping[str, str]) -> Path:
    """Directory that holds one folder per site (XDG state by default)."""
    if ENV_STATE in env:
        return Path(env[ENV_STATE])
    base = env.get("XDG_STATE_HOME") or str(_home(env) / ".local/state")
    return Path(base) / "bloomery"


def cache_root(env: Mapping[str, str]) -> Path:
    """Directory of images, engine and builds (XDG cache by default)."""
    if ENV_CACHE in env:
        return Path(env[ENV_CACHE])
    base = env.get("XDG_CACHE_HOME") or str(_home(env) / ".cache")
    return Path(base) / "bloomery"


@dataclass(frozen=True)
class StateDir:
    """The files of one site."""

    path: Path

    @classmethod
    def of(cls, site: str, env: Mapping[str, str]) -> StateDir:
        """State directory of ``site`` under the root that ``env`` names."""
        return cls(state_root(env) / site)

    @property
    def secret(self) -> Path:
        """Site secret, 32 random bytes in hex, mode 0600."""
        return self.path / "secret"

    @property
    def passphrase(self) -> Path:
        """Passphrase file of Pulumi's secrets provider, mode 0600."""
        return self.path / "passphrase"

    @property
    def backend(self) -> Path:
        """Pulumi's file backend."""
        return self.path / "backend"

    @property
    def pulumi_home(self) -> Path:
        """PULUMI_HOME: selected stack and workspace settings."""
        return self.path / "pulumi"

    @property
    def ca(self) -> Path:
        """Certificate of the site CA, PEM. Its key is derived, never stored."""
        return self.path / "site-ca.pem"

    @property
    def factory(self) -> Path:
        """Factory BMC passwords, encrypted, keyed by chassis serial."""
        return self.path / "factory.json"

    @property
    def depot_key(self) -> Path:
        """Public key the site's depot signs with, ASCII armoured."""
        return self.path / "depot.asc"

    @property
    def journal(self) -> Path:
        """One append-only file per machine."""
        return self.path / "journal"

    @property
    def locks(self) -> Path:
        """One lock file per machine."""
        return self.path / "locks"

    @property
    def evidence(self) -> Path:
        """Measurements and signed records."""
        return self.path / "evidence"

    @property
    def report(self) -> Path:
        """The page of the site."""
        return self.path / "report"

    @property
    def lab(self) -> Path:
        """Everything the lab keeps: disks, BMC state, logs."""
        return self.path / "lab"
