"""The key a lab signs its package index with, kept as an exported OpenPGP key."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bloomery.lab.command import run
from bloomery.lab.files import write_whole


@dataclass(frozen=True)
class Signer:
    """Signs with the key in ``folder``, made at the first use."""

    folder: Path
    owner: str
    """User id of the key."""

    def clear_sign(self, text: str) -> str:
        """``text`` with its signature, as InRelease has it."""
        with self._home() as home:
            return _gpg(home, ["--clearsign", "--digest-algo", "SHA512"], text)

    def public_key(self) -> str:
        """ASCII armour."""
        with self._home() as home:
            return _gpg(home, ["--armor", "--export"])

    @contextmanager
    def _home(self) -> Iterator[str]:
        """A short-lived home of gpg with the key in it.

        Its agent puts sockets beside the keys, where a path may not be long, and would
        stay behind; so the home is made in the temporary directory, and the agent is
        ended with it.
        """
        secret = self.folder / "secret.asc"
        with tempfile.TemporaryDirectory(prefix="bl-gpg-") as home:
            try:
                if secret.exists():
                    _gpg(home, ["--import"], secret.read_text(encoding="ascii"))
                else:
                    make = ["--passphrase", "", "--quick-gen-key", self.owner]
                    _gpg(home, [*make, "ed25519", "sign", "never"])
                    write_whole(secret, _gpg(home, ["--armor", "--export-secret-keys"]).encode())
                yield home
            finally:
                run(["gpgconf", "--homedir", home, "--kill", "all"])


def _gpg(home: str, arguments: list[str], given: str = "") -> str:
    return run(["gpg", "--homedir", home, "--batch", "--quiet", *arguments], given)
