"""Whom an emulated BMC reads a medium from: as its slot was told, with the CAs it was given."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from bloomery.drivers.redfish.fake.slot_cas import Belief
from bloomery.errors import LabError
from bloomery.lab.fetch import Fetcher, tls_of
from bloomery.lab.web import serve_media
from bloomery.trust.ca import ensure_ca, issue
from bloomery.trust.secret import SiteSecret

HOST, BMC = "127.153.0.1", "127.153.1.1"
PORT = 8443


@pytest.mark.parametrize(
    ("verifies", "held", "reads"),
    [
        (None, "", True),
        (True, "site", True),
        (True, "other site", True),
        (True, "other", False),
        (True, "", False),
        (False, "", True),
        (False, "other", True),
    ],
)
async def test_slot_reads_from_whom_it_believes(
    tmp_path: Path, verifies: bool | None, held: str, reads: bool
) -> None:
    now = datetime.datetime.now(datetime.UTC)
    secrets = {name: SiteSecret(name[:1].encode() * 32) for name in ("site", "other")}
    for name, secret in secrets.items():
        ensure_ca(secret, name, tmp_path / name, now)
    pem = "".join((tmp_path / name).read_text() for name in held.split())
    belief = None if verifies is None else Belief(verifies, pem)
    leaf = issue(secrets["site"], "site", tmp_path / "site", HOST, now)
    server = await serve_media(leaf, HOST, PORT, {"/m.iso": b"medium"})
    fetch = Fetcher(BMC, lambda _url: tls_of(belief, tmp_path / "site"))
    try:
        if reads:
            assert await fetch(f"https://{HOST}:{PORT}/m.iso") == b"medium"
            return
        with pytest.raises(LabError, match="CERTIFICATE_VERIFY_FAILED"):
            await fetch(f"https://{HOST}:{PORT}/m.iso")
    finally:
        await server.cleanup()
