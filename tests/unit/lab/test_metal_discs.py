"""Discs of a machine with firmware: read by ranges over TLS, served to QEMU's own client."""

from __future__ import annotations

import asyncio
import datetime
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bloomery.errors import LabError
from bloomery.lab.fetch import Trusts, tls_of
from bloomery.lab.metal.disc import PIECE, Disc, Drive, KeptDisc
from bloomery.lab.metal.nbd import NbdServer
from bloomery.lab.web import serve_media
from bloomery.trust.ca import ensure_ca, issue
from bloomery.trust.secret import SiteSecret

HOST, BMC, PORT = "127.152.0.1", "127.152.1.1", 8443
CONTENT = bytes(range(256)) * 10_000
"""2.56 MB: three pieces, the last one short."""


@dataclass
class Shop:
    """A media server with one file, and what a BMC needs to read it."""

    secret: SiteSecret
    ca: Path
    url: str
    file: Path


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    secret, ca, file = SiteSecret(b"s" * 32), tmp_path / "ca.pem", tmp_path / "medium"
    now = datetime.datetime.now(datetime.UTC)
    ensure_ca(secret, "site", ca, now)
    file.write_bytes(CONTENT)
    runner = await serve_media(
        issue(secret, "site", ca, HOST, now), HOST, PORT, {"/m.iso": file, "/whole.iso": CONTENT}
    )
    yield Shop(secret, ca, f"https://{HOST}:{PORT}/m.iso", file)
    await runner.cleanup()


def by(ca: Path) -> Trusts:
    """Believe this CA alone."""
    return lambda _url: tls_of(None, ca)


async def test_a_disc_is_read_by_ranges_across_pieces(shop: Shop, tmp_path: Path) -> None:
    disc = await Drive(BMC, by(shop.ca)).open(shop.url, tmp_path / "kept")
    try:
        assert isinstance(disc, Disc)
        assert disc.size == len(CONTENT)
        for offset, length in ((0, 1), (PIECE - 3, 7), (0, len(CONTENT)), (len(CONTENT) - 5, 5)):
            assert await disc.read(offset, length) == CONTENT[offset : offset + length]
        assert not (tmp_path / "kept").exists()
    finally:
        await disc.close()


async def test_a_disc_that_changed_is_an_error_and_not_other_bytes(
    shop: Shop, tmp_path: Path
) -> None:
    disc = await Drive(BMC, by(shop.ca)).open(shop.url, tmp_path / "kept")
    shop.file.write_bytes(CONTENT[: PIECE + 10])
    with pytest.raises(LabError, match="for bytes=1048576-"):
        await disc.read(PIECE, 100)
    await disc.close()


async def test_who_has_another_ca_or_no_tls_reads_nothing(shop: Shop, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    ensure_ca(SiteSecret(b"o" * 32), "other", other, datetime.datetime.now(datetime.UTC))
    with pytest.raises(LabError, match="CERTIFICATE_VERIFY_FAILED"):
        await Drive(BMC, by(other)).open(shop.url, tmp_path / "kept")
    with pytest.raises(LabError, match="over https only"):
        await Drive(BMC, by(shop.ca)).open("http://127.152.0.1/m.iso", tmp_path / "kept")
    with pytest.raises(LabError, match="HTTP 404"):
        await Drive(BMC, by(shop.ca)).open(shop.url + "x", tmp_path / "kept")


async def test_a_disc_without_ranges_is_fetched_once_and_kept(shop: Shop, tmp_path: Path) -> None:
    url, kept = shop.url.replace("/m.", "/whole."), tmp_path / "kept"
    disc = await Drive(BMC, by(shop.ca)).open(url, kept)
    assert isinstance(disc, KeptDisc)
    assert await disc.read(5, 3) == CONTENT[5:8]
    assert str(disc) == f"KeptDisc({len(CONTENT)} bytes)"
    assert kept.stat().st_mode & 0o777 == 0o600
    again = await Drive(BMC, by(shop.ca)).open(url + "gone", kept)
    assert again.size == len(CONTENT)


async def test_qemu_reads_an_export_and_is_refused_another(tmp_path: Path) -> None:
    socket, out = tmp_path / "nbd", tmp_path / "out"
    server = NbdServer(socket, {"cd": KeptDisc(CONTENT)})
    await server.open()
    try:
        await qemu_img("convert", "-O", "raw", f"nbd+unix:///cd?socket={socket}", str(out))
        assert out.read_bytes()[: len(CONTENT)] == CONTENT
        with pytest.raises(subprocess.CalledProcessError) as raised:
            await qemu_img("info", f"nbd+unix:///other?socket={socket}")
        assert b"other" in raised.value.stderr
    finally:
        await server.close()


async def test_a_source_that_fails_is_a_read_error_of_the_disc(tmp_path: Path) -> None:
    class Broken(KeptDisc):
        async def read(self, offset: int, length: int) -> bytes:
            raise LabError("the server has gone")

    socket = tmp_path / "nbd"
    server = NbdServer(socket, {"cd": Broken(CONTENT)})
    await server.open()
    try:
        with pytest.raises(subprocess.CalledProcessError) as raised:
            await qemu_img(
                "convert", "-O", "raw", f"nbd+unix:///cd?socket={socket}", str(tmp_path / "out")
            )
        assert b"Input/output error" in raised.value.stderr
    finally:
        await server.close()


async def qemu_img(*words: str) -> None:
    """QEMU's own tool, which has its own NBD client; it runs beside the server's loop."""

    def run() -> None:
        subprocess.run(["qemu-img", *words], check=True, capture_output=True, timeout=60)

    await asyncio.to_thread(run)
