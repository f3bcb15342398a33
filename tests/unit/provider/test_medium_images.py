"""Installation media from a web server: over verified TLS, once, kept by their digest."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import os
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from site_in_process import CONTROLLER, SITE, SiteInProcess

from bloomery.errors import NotReadyError
from bloomery.provider.media.images import Images
from bloomery.trust.ca import issue

CONTENT = os.urandom(3_000_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Shelf:
    """A web server with one image, of which it remembers who asked how."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.tag = '"one"'
        self.status = 200
        self.cut = False
        self.url = ""

    async def give(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.headers.get("If-None-Match", "all"))
        if self.status != 200:
            return web.Response(status=self.status)
        if request.headers.get("If-None-Match") == self.tag:
            return web.Response(status=304)
        if not self.cut:
            return web.Response(body=CONTENT, headers={"ETag": self.tag})
        answer = web.StreamResponse(headers={"Content-Length": str(len(CONTENT))})
        await answer.prepare(request)
        await answer.write(CONTENT[:1000])
        assert request.transport
        request.transport.close()
        return answer


@pytest_asyncio.fixture
async def shelf(shop: SiteInProcess, tmp_path: Path) -> AsyncIterator[Shelf]:
    made = Shelf()
    now = datetime.datetime.now(datetime.UTC)
    leaf = issue(shop.context.secret, SITE, shop.context.state.ca, CONTROLLER, now)
    (tmp_path / "leaf.pem").write_bytes(leaf.certificate + leaf.key)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "leaf.pem")
    app = web.Application()
    app.router.add_get("/debian.iso", made.give)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, CONTROLLER, 0, ssl_context=tls).start()
    made.url = f"https://{CONTROLLER}:{runner.addresses[0][1]}/debian.iso"
    yield made
    await runner.cleanup()


def images(shop: SiteInProcess, folder: Path) -> Images:
    return Images(folder, shop.context.state.ca)


async def test_it_is_fetched_once_and_kept(
    shop: SiteInProcess, shelf: Shelf, tmp_path: Path
) -> None:
    folder = tmp_path / "cache"
    first = images(shop, folder)
    assert set(await asyncio.gather(*(first.digest(shelf.url) for _ in range(5)))) == {DIGEST}
    assert first.path(DIGEST).read_bytes() == CONTENT
    assert shelf.asked == ["all"]
    assert await images(shop, folder).digest(shelf.url) == DIGEST
    assert shelf.asked == ["all", '"one"'], "fetched again though it has not changed"
    shelf.tag = '"two"'
    assert await images(shop, folder).digest(shelf.url) == DIGEST
    first.path(DIGEST).unlink()
    assert await images(shop, folder).digest(shelf.url) == DIGEST
    assert shelf.asked[2:] == ['"one"', "all"]
    assert first.path(DIGEST).read_bytes() == CONTENT


@pytest.mark.parametrize("status", [404, 500, 304, 302])
async def test_a_server_that_does_not_give_it_is_said(
    shop: SiteInProcess, shelf: Shelf, tmp_path: Path, status: int
) -> None:
    shelf.status = status
    with pytest.raises(NotReadyError, match=f"HTTP {status}"):
        await images(shop, tmp_path / "cache").digest(shelf.url)


async def test_a_part_of_it_is_not_it(shop: SiteInProcess, shelf: Shelf, tmp_path: Path) -> None:
    shelf.cut = True
    one = images(shop, tmp_path / "cache")
    with pytest.raises(NotReadyError, match="cannot be fetched"):
        await one.digest(shelf.url)
    assert list((tmp_path / "cache").iterdir()) == []
    shelf.cut = False
    assert await one.digest(shelf.url) == DIGEST


async def test_nobody_else_is_taken_for_the_server(
    shop: SiteInProcess, shelf: Shelf, tmp_path: Path
) -> None:
    other = SiteInProcess.open(tmp_path / "other")
    with pytest.raises(NotReadyError, match="certificate verify failed"):
        await images(other, tmp_path / "cache").digest(shelf.url)
    with pytest.raises(NotReadyError, match="is not https"):
        await images(shop, tmp_path / "cache").digest(shelf.url.replace("https", "http"))
    assert shelf.asked == []
