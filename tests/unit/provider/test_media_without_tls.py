"""Media over plain HTTP: what a listener gets of them, and what an alteration comes to."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import re
from pathlib import Path

import aiohttp
import pytest
from own_metal import read_iso
from site_in_process import CONTROLLER, SITE, SiteInProcess, Watched, node_plan

from bloomery.errors import DeviceError, LabError
from bloomery.lab.medium import make_iso
from bloomery.lab.sealed_medium import key_of, open_seed
from bloomery.plan.model import NodePlan
from bloomery.provider.media.reading import OFFERED, Reading
from bloomery.provider.media.server import Place
from bloomery.provider.media.template import Template, make_template, open_template
from bloomery.provider.seed import SEALED_FILES, sealed_files, seed_files
from bloomery.trust.keys import host_key, login_key
from bloomery.trust.sealed import seal_key

READER, PATH = "127.83.1.1", "/unguessable/g1-1.iso"
TAGGED = re.compile(r"tag (bloomery/works/g\d(?:-installing)?)(/[A-Za-z0-9_-]{22})?")


def plain(**changes: object) -> NodePlan:
    """A machine whose BMC may read without TLS."""
    node = node_plan(**changes)  # type: ignore[arg-type]
    return dataclasses.replace(node, bmc=dataclasses.replace(node.bmc, media_transport="http"))


def key_for(shop: SiteInProcess, attempt: int = 1) -> str:
    return seal_key(shop.context.secret, node_plan().identity.system_uuid, 1, attempt, 1)


async def image(shop: SiteInProcess, template: Template | None = None) -> bytes:
    """The medium as it is offered."""
    template = template or await shop.context.templates.signed(await shop.images.digest("any"))
    files = seed_files(shop.context.secret, SITE, plain())
    sealed = sealed_files(shop.context.secret, SITE, key_for(shop), files, template.manifest)
    medium = template.filled(sealed)
    return medium.read(0, medium.size)


async def test_machine_is_installed_with_a_key_that_its_bmc_gave_it(shop: SiteInProcess) -> None:
    made = await shop.up(plain())
    assert (made["ready"], made["reason"]) == (True, "")
    assert shop.metal.installed == [1]
    said = [one.data.get("said") for one in shop.context.journal("n01").entries()]
    assert "not verified: read without TLS, the seed is sealed" in said
    tags = [match.groups() for one in shop.wrote() if (match := TAGGED.fullmatch(one))]
    marker = "bloomery/works/g1"
    begun = f"{marker}-installing"
    assert tags == [(begun, f"/{key_for(shop)}"), (begun, None), (marker, None)]
    assert [key_of(tag) for tag in shop.metal.tags] == [key_for(shop), ""], "shown to the system"


async def test_key_is_in_no_file_and_no_line(shop: SiteInProcess) -> None:
    made = await shop.up(plain())
    key = key_for(shop)
    assert key not in str(made) + str(shop.log.said)
    for path in shop.root.rglob("*"):
        assert path.is_dir() or key.encode() not in path.read_bytes(), path


async def test_listener_gets_no_secret(shop: SiteInProcess) -> None:
    """All that goes over the network, as it goes."""
    template = await shop.context.templates.signed(await shop.images.digest("any"))
    secret, node = shop.context.secret, plain()
    files = seed_files(secret, SITE, node)
    sealed = sealed_files(secret, SITE, key_for(shop), files, template.manifest)
    reading = Reading(template.filled(sealed), shop.context.journal("n01"), 1, 1)
    url = await shop.context.media.offer(Place(CONTROLLER, READER, PATH, tls=False), reading)
    assert url.startswith(f"http://{CONTROLLER}:")
    port = int(url.split("/")[2].rpartition(":")[2])
    source, drain = await asyncio.open_connection(CONTROLLER, port, local_addr=(READER, 0))
    drain.write(f"GET {PATH} HTTP/1.0\r\nHost: {CONTROLLER}\r\n\r\n".encode())
    heard = await source.read()
    drain.close()
    assert heard.startswith(b"HTTP/1.0 200") and template.manifest in heard
    assert reading.seed_read
    private = host_key(secret, node.identity.system_uuid, 1).private
    raw = base64.b64decode("".join(private.splitlines()[1:-1]))
    wanted = [line.encode() for line in private.splitlines()[1:-1]]
    wanted += [raw[-96:-40], b"OPENSSH", key_for(shop).encode()]
    wanted += [base64.urlsafe_b64decode(key_for(shop) + "=="), b"deploy", b"WRK0001"]
    wanted += [login_key(secret, SITE, 1).private.splitlines()[2].encode()]
    wanted += [(shop.root / SITE / "secret").read_text().strip().encode()]
    assert not [one for one in wanted if one in heard]
    seed = "".join(
        data.decode()
        for data in open_seed(heard.partition(b"\r\n\r\n")[2], key_for(shop)).files.values()
    )
    assert private in seed, "the same search finds it in what is opened"


@pytest.mark.parametrize("tls", [True, False])
async def test_offer_is_answered_in_its_own_way_alone(shop: SiteInProcess, tls: bool) -> None:
    """What is not sealed never leaves without TLS, on whatever port it is asked for."""
    template = await shop.context.templates.seed()
    medium = template.filled(seed_files(shop.context.secret, SITE, plain()))
    urls = {}
    for one in (True, False):
        reading = Reading(medium, shop.context.journal("n01"), 1, 1)
        place = Place(CONTROLLER, READER, f"/{one}/g1-1.iso", tls=one)
        urls[one] = await shop.context.media.offer(place, reading)
    other = urls[not tls].replace(f"/{not tls}/", f"/{tls}/")
    connector = aiohttp.TCPConnector(local_addr=(READER, 0), ssl=False)
    async with aiohttp.ClientSession(connector=connector) as session:
        async with session.get(other) as answer:
            assert answer.status == 404
        async with session.get(urls[tls]) as answer:
            assert answer.status == 200


async def test_unaltered_medium_is_taken(shop: SiteInProcess) -> None:
    seed = open_seed(await image(shop), key_for(shop))
    assert seed.files == seed_files(shop.context.secret, SITE, plain())


@pytest.mark.parametrize("name", ["seed.sealed", "medium.sig", "medium.json", "boot"])
async def test_altered_byte_of_any_file_is_refused(shop: SiteInProcess, name: str) -> None:
    whole = await image(shop)
    content = read_iso(whole)[name]
    assert whole.count(content[:64]) == 1
    altered = bytearray(whole)
    altered[whole.index(content[:64])] ^= 1
    with pytest.raises(LabError, match=r"^refused: "):
        open_seed(bytes(altered), key_for(shop))


@pytest.mark.parametrize("how", ["more", "fewer", "plain", "of another attempt"])
async def test_another_medium_is_refused(shop: SiteInProcess, how: str) -> None:
    files = read_iso(await image(shop))
    key = key_for(shop)
    if how == "more":
        files["boot.cfg"] = b"something else"
    elif how == "fewer":
        del files["boot"]
    elif how == "plain":
        files = seed_files(shop.context.secret, SITE, plain())
    else:
        key = key_for(shop, attempt=2)
    with pytest.raises(LabError, match=r"^refused: "):
        open_seed(make_iso("CIDATA", files), key)


async def test_older_medium_that_the_site_signed_is_refused(
    shop: SiteInProcess, tmp_path: Path
) -> None:
    """With the seed of today: all of its files are as its own manifest says."""
    old = tmp_path / "old.iso"
    old.write_bytes(make_iso("SOME_OS", {"boot": b"of an installer with a fault"}))
    make_template(tmp_path / "old-signed.iso", SEALED_FILES, old, signed=True)
    template = open_template(tmp_path / "old-signed.iso", SEALED_FILES, signed=True)
    before = read_iso(await image(shop, template))
    assert open_seed(make_iso("CIDATA", before), key_for(shop)).meta["node"] == "n01"
    today = read_iso(await image(shop))
    with pytest.raises(LabError, match="for a medium with another manifest"):
        open_seed(
            make_iso("CIDATA", {**before, "seed.sealed": today["seed.sealed"]}), key_for(shop)
        )


async def test_key_that_stays_in_the_tag_keeps_the_system_off(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Watched.set_asset_tag

    def once(self: Watched, tag: str) -> None:
        if tag.endswith("-installing"):
            raise DeviceError(f"the asset tag was accepted, but reads '{tag}/{key_for(shop)}'")
        write(self, tag)

    monkeypatch.setattr(Watched, "set_asset_tag", once)
    made = await shop.up(plain())
    assert made["reason"] == "the BMC keeps the key of the seed in its asset tag"
    assert shop.metal.boots == ["Cd"]
    entries = shop.context.journal("n01").entries()
    assert key_for(shop) not in str(made) + str(shop.log.said) + str(list(entries))


async def test_altered_medium_leaves_the_disk_alone(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = type(shop.metal).read

    async def altered(self, url: str) -> bytes | None:
        whole = await read(self, url)
        return whole and whole.replace(b"of the installer", b"of an attacker!!")

    monkeypatch.setattr(type(shop.metal), "read", altered)
    made = await shop.up(plain())
    assert made["ready"] is False
    assert shop.metal.refused == "refused: boot is not as the manifest says"
    assert shop.metal.wiped == 0


async def test_bmc_without_a_tag_is_left_alone(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = Watched.facts
    from bloomery.drivers.redfish.protocol import Lack

    lack = {"asset_tag": Lack("absent", "the BMC has no asset tag")}
    monkeypatch.setattr(Watched, "facts", lambda self: dataclasses.replace(facts(self), lacks=lack))
    made = await shop.up(plain())
    assert made["ready"] is False
    assert "the BMC has no asset tag, which media needs" in str(made["reason"])
    assert not [one for one in shop.wrote() if "insert" in one or "power" in one]


async def test_tag_that_is_cut_off_stops_it_and_shows_nothing_of_the_key(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(self: Watched, tag: str) -> None:
        raise DeviceError(f"the asset tag was accepted, but reads '{tag[:-4]}'", subject="n01")

    monkeypatch.setattr(Watched, "set_asset_tag", cut)
    made = await shop.up(plain())
    assert "does not keep an asset tag of 51 characters" in str(made["reason"])
    assert not [one for one in shop.wrote() if one == "power On"]
    said = str(made) + str(shop.log.said)
    for entry in shop.context.journal("n01").entries():
        said += str(entry)
    assert key_for(shop)[:12] not in said


async def test_it_goes_on_after_an_interruption_as_it_began(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the site allows HTTPS alone by then."""
    monkeypatch.setattr("bloomery.provider.phases.node.medium.READS_ON", 1000.0)
    shop.metal.block, shop.metal.read_pause = 16 * 1024, 0.01
    shop.metal.reads_late, shop.metal.retries = True, 500
    await shop.gone_when(lambda: bool(shop.metal.parts), plain())
    made = await shop.up()
    assert (made["ready"], made["reason"]) == (True, "")
    offered = [
        entry.data.get("transport")
        for entry in shop.context.journal("n01").entries()
        if (entry.phase, entry.event) == OFFERED
    ]
    assert (offered, shop.metal.installed) == (["http"], [1])
