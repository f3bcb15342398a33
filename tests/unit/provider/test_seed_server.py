"""The seed: what is in it, and that one machine gets it, once, over TLS of the site CA."""

from __future__ import annotations

import asyncio
import io
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pycdlib
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_ssh_private_key,
)
from own_metal import read_iso
from site_in_process import CONTROLLER, SITE, SiteInProcess, node_plan

from bloomery.errors import NotReadyError
from bloomery.provider.seed import SeedServer, seed_files, seed_image
from bloomery.trust.keys import host_key, login_key

READER = "127.83.1.1"
OTHER = "127.83.1.2"


@pytest_asyncio.fixture
async def seeds(shop: SiteInProcess) -> AsyncIterator[SeedServer]:
    yield shop.context.seeds


def nobody() -> None:
    """Nobody wants to know."""


async def get(url: str, ca: Path, reader: str = READER, method: str = "GET") -> tuple[int, bytes]:
    tls = ssl.create_default_context(cafile=str(ca))
    connector = aiohttp.TCPConnector(local_addr=(reader, 0))
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.request(method, url, ssl=tls) as response,
    ):
        return response.status, await response.read()


def test_files_of_a_seed(shop: SiteInProcess) -> None:
    node = node_plan(install_generation=3)
    secret = shop.context.secret
    files = seed_files(secret, SITE, node)
    assert set(files) == {
        "meta.json",
        "host.network",
        "ssh_host_ed25519_key",
        "ssh_host_ed25519_key.pub",
        "authorized_keys",
        "medium.pub",
    }
    assert json.loads(files["meta.json"]) == {
        "site": SITE,
        "node": "n01",
        "generation": 3,
        "image": node.image,
        "hostname": "n01",
        "user": "deploy",
        "chassis_serial": node.identity.chassis_serial,
        "system_uuid": node.identity.system_uuid,
    }
    network = files["host.network"].decode()
    assert "MACAddress=02:83:10:00:00:01" in network
    assert "Address=10.83.1.1/16" in network and "Gateway=10.83.0.1" in network
    public = load_ssh_private_key(files["ssh_host_ed25519_key"], None).public_key()
    line = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert line == host_key(secret, node.identity.system_uuid, 1).public
    assert files["ssh_host_ed25519_key.pub"].decode() == line + "\n"
    assert files["authorized_keys"].decode() == login_key(secret, SITE, 1).public + "\n"


def test_a_host_with_a_domain_is_called_by_its_short_name(shop: SiteInProcess) -> None:
    node = node_plan(name="n01.hall1.example.ua")
    meta = json.loads(seed_files(shop.context.secret, SITE, node)["meta.json"])
    assert (meta["hostname"], meta["fqdn"], meta["node"]) == ("n01", node.name, node.name)


def test_image_is_read_back_by_all_its_names(shop: SiteInProcess) -> None:
    files = seed_files(shop.context.secret, SITE, node_plan())
    image = seed_image(files)
    assert read_iso(image) == files
    assert seed_image(files)[32768 + 40 : 32768 + 46] == b"CIDATA", "volume of cloud-init"
    iso = pycdlib.PyCdlib()
    iso.open_fp(io.BytesIO(image))
    out = io.BytesIO()
    iso.get_file_from_iso_fp(out, rr_path="/ssh_host_ed25519_key.pub")
    iso.close()
    assert out.getvalue() == files["ssh_host_ed25519_key.pub"]


async def test_it_is_given_once_and_told(shop: SiteInProcess, seeds: SeedServer) -> None:
    told: list[str] = []
    url = await seeds.offer(CONTROLLER, READER, b"image", lambda: told.append("taken"))
    assert url.startswith(f"https://{CONTROLLER}:") and url.endswith("/seed.iso")
    ca = shop.context.state.ca
    assert await get(url, ca) == (200, b"image")
    assert told == ["taken"]
    assert (await get(url, ca))[0] == 404
    assert told == ["taken"]


async def test_another_address_gets_nothing_and_does_not_use_it_up(
    shop: SiteInProcess, seeds: SeedServer
) -> None:
    url = await seeds.offer(CONTROLLER, READER, b"image", nobody)
    ca = shop.context.state.ca
    assert (await get(url, ca, OTHER))[0] == 404
    assert (await get(url, ca)) == (200, b"image")


async def test_a_question_does_not_use_it_up(shop: SiteInProcess, seeds: SeedServer) -> None:
    url = await seeds.offer(CONTROLLER, READER, b"image", nobody)
    ca = shop.context.state.ca
    assert (await get(url, ca, method="HEAD"))[0] == 405
    assert (await get(url, ca)) == (200, b"image")


async def test_withdrawn_is_gone(shop: SiteInProcess, seeds: SeedServer) -> None:
    url = await seeds.offer(CONTROLLER, READER, b"image", nobody)
    other = await seeds.offer(CONTROLLER, READER, b"other", nobody)
    seeds.withdraw(url)
    seeds.withdraw("")
    ca = shop.context.state.ca
    assert (await get(url, ca))[0] == 404
    assert (await get(other, ca)) == (200, b"other")


async def test_urls_are_unguessable_and_share_one_listener(seeds: SeedServer) -> None:
    urls = await asyncio.gather(
        *(seeds.offer(CONTROLLER, READER, b"image", nobody) for _ in range(8))
    )
    tokens = {url.split("/")[3] for url in urls}
    assert len(tokens) == 8 and all(len(token) >= 43 for token in tokens)
    assert len({url.split("/")[2] for url in urls}) == 1, "each listened on a port of its own"


async def test_its_certificate_is_the_site_cas_for_its_address(
    shop: SiteInProcess, seeds: SeedServer
) -> None:
    url = await seeds.offer(CONTROLLER, READER, b"image", nobody)
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await get_without_ca(url)
    assert (await get(url, shop.context.state.ca))[0] == 200


async def get_without_ca(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(url):
        pass


async def test_a_failing_journal_gives_nothing_away(shop: SiteInProcess, seeds: SeedServer) -> None:
    def full() -> None:
        raise OSError("No space left on device")

    url = await seeds.offer(CONTROLLER, READER, b"image", full)
    status, body = await get(url, shop.context.state.ca)
    assert status == 500 and b"image" not in body


async def test_address_the_controller_does_not_have(shop: SiteInProcess, seeds: SeedServer) -> None:
    with pytest.raises(NotReadyError, match=r"cannot serve seeds on 192\.0\.2\.1") as caught:
        await seeds.offer("192.0.2.1", READER, b"image", nobody)
    assert "BMC network" in caught.value.next_step


async def test_its_key_is_on_no_disk(shop: SiteInProcess, seeds: SeedServer) -> None:
    before = set(Path("/dev/shm").iterdir())
    await seeds.offer(CONTROLLER, READER, b"image", nobody)
    new = set(Path("/dev/shm").iterdir()) - before
    assert not [path for path in new if path.is_file() and b"PRIVATE KEY" in path.read_bytes()]
    for path in shop.root.rglob("*"):
        assert path.is_dir() or b"PRIVATE KEY" not in path.read_bytes()
