"""Factory BMC passwords: encrypted at rest, keyed by chassis serial."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from bloomery.errors import CredentialRefused, NotReadyError
from bloomery.trust.secret import SiteSecret


def _box(secret: SiteSecret, site: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(secret.derive("factory-file", site, 1)))


def write_factory(secret: SiteSecret, site: str, path: Path, logins: Mapping[str, str]) -> None:
    """Write serial -> ``user:password``, each value encrypted on its own."""
    box = _box(secret, site)
    sealed = {serial: box.encrypt(login.encode()).decode() for serial, login in logins.items()}
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(sealed, indent=1, sort_keys=True) + "\n", encoding="ascii")
    draft.chmod(0o600)
    os.replace(draft, path)


def factory_login(secret: SiteSecret, site: str, path: Path, serial: str) -> tuple[str, str]:
    """User and password the machine left the factory with.

    Raises NotReadyError when the file is missing or sealed with another secret, and
    CredentialRefused when it holds no entry for ``serial``.
    """
    try:
        sealed = json.loads(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        raise NotReadyError(f"no factory passwords at {path}") from None
    if serial not in sealed:
        raise CredentialRefused(f"no factory password for serial {serial}", subject=str(path))
    try:
        text = _box(secret, site).decrypt(sealed[serial].encode()).decode()
    except InvalidToken:
        raise NotReadyError(f"{path} was sealed with another site secret") from None
    user, _, password = text.partition(":")
    return user, password
