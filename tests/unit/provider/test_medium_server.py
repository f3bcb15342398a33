"""Media over TLS of the site CA: as often as one BMC asks, in parts, and nobody else."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from site_in_process import CONTROLLER, SITE, SiteInProcess, node_plan

from bloomery.errors import NotReadyError
from bloomery.provider.journal import Event, Journal
from bloomery.provider.media.medium import Medium
from bloomery.provider.media.reading import OFFERED, READ, SEED_PART, SEED_READ, Reading
from bloomery.provider.media.server import PIECE, MediumServer, Place
from bloomery.provider.media.spans import Spans
from bloomery.provider.seed import seed_files

READER = "127.83.1.1"
OTHER = "127.83.1.2"
PATH = "/unguessable/g1-1.iso"
PLACE = Place(CONTROLLER, READER, PATH)


@pytest_asyncio.fixture
async def media(shop: SiteInProcess) -> AsyncIterator[MediumServer]:
    yield shop.context.media


async def seed(shop: SiteInProcess) -> Medium:
    template = await shop.context.templates.seed()
    return template.filled(seed_files(shop.context.secret, SITE, node_plan()))


def large(folder: Path, size: int) -> Medium:
    """Bytes that are told apart, with a seed near their end."""
    file = folder / "large.iso"
    file.write_bytes(b"".join(number.to_bytes(4, "big") for number in range(size // 4)))
    return Medium(file, {size - 3000: b"seed" * 250}, Spans.of([(size - 3000, size - 2000)]))


def reading(shop: SiteInProcess, medium: Medium) -> Reading:
    return Reading(medium, shop.context.journal("n01"), generation=1, attempt=1)


async def ask(
    url: str,
    ca: Path,
    reader: str = READER,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
) -> tuple[int, bytes, Mapping[str, str]]:
    tls = ssl.create_default_context(cafile=str(ca))
    connector = aiohttp.TCPConnector(local_addr=(reader, 0), ssl=tls)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.request(method, url, headers=headers) as response,
    ):
        return response.status, await response.read(), response.headers


async def test_it_is_read_as_often_as_its_reader_likes(
    shop: SiteInProcess, media: MediumServer
) -> None:
    medium = await seed(shop)
    url = await media.offer(PLACE, reading(shop, medium))
    assert url.startswith(f"https://{CONTROLLER}:") and url.endswith(PATH)
    whole, ca = medium.read(0, medium.size), shop.context.state.ca
    answers = await asyncio.gather(*(ask(url, ca) for _ in range(8)))
    assert {answer[:2] for answer in answers} == {(200, whole)}


async def test_a_head_tells_size_and_validators_and_is_no_reading(
    shop: SiteInProcess, media: MediumServer
) -> None:
    medium = await seed(shop)
    url = await media.offer(PLACE, reading(shop, medium))
    ca = shop.context.state.ca
    status, body, headers = await ask(url, ca, method="HEAD")
    assert (status, body) == (200, b"")
    assert headers["Content-Length"] == str(medium.size)
    assert headers["Accept-Ranges"] == "bytes"
    again = (await ask(url, ca))[2]
    for name in ("ETag", "Last-Modified", "Content-Length"):
        assert again[name] == headers[name]
    assert (await ask(url, ca, method="HEAD", headers={"Range": "bytes=1-2"}))[0] == 200
    shop.lose_journal()
    await ask(url, ca, method="HEAD")
    assert shop.journal() == []
    assert (await ask(url, ca, method="PUT"))[0] == 405


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=32768-34815", slice(32768, 34816)),
        ("bytes=1000-", slice(1000, None)),
        ("bytes=-2048", slice(-2048, None)),
        ("bytes=-99999999", slice(0, None)),
        ("bytes=5-99999999", slice(5, None)),
    ],
)
async def test_one_range(shop: SiteInProcess, media: MediumServer, asked: str, part: slice) -> None:
    medium = await seed(shop)
    url = await media.offer(PLACE, reading(shop, medium))
    status, body, headers = await ask(url, shop.context.state.ca, headers={"Range": asked})
    start, stop, _ = part.indices(medium.size)
    assert (status, body) == (206, medium.read(0, medium.size)[part])
    assert headers["Content-Range"] == f"bytes {start}-{stop - 1}/{medium.size}"
    assert headers["Content-Length"] == str(stop - start)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=9-3", "bytes=-0", "bytes=x-y"])
async def test_a_range_that_is_not_there(
    shop: SiteInProcess, media: MediumServer, asked: str
) -> None:
    medium = await seed(shop)
    url = await media.offer(PLACE, reading(shop, medium))
    status, _, headers = await ask(url, shop.context.state.ca, headers={"Range": asked})
    assert (status, headers["Content-Range"]) == (416, f"bytes */{medium.size}")


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2"])
async def test_ranges_that_are_answered_with_the_whole(
    shop: SiteInProcess, media: MediumServer, asked: str
) -> None:
    medium = await seed(shop)
    url = await media.offer(PLACE, reading(shop, medium))
    status, body, _ = await ask(url, shop.context.state.ca, headers={"Range": asked})
    assert (status, len(body)) == (200, medium.size)


async def test_a_part_of_what_has_changed_is_the_whole(
    shop: SiteInProcess, media: MediumServer
) -> None:
    medium = await seed(shop)
    url, ca = await media.offer(PLACE, reading(shop, medium)), shop.context.state.ca
    for known, status in ((medium.tag, 206), (medium.modified, 206), ('"other"', 200)):
        headers = {"Range": "bytes=0-9", "If-Range": known}
        assert (await ask(url, ca, headers=headers))[0] == status


async def test_another_address_gets_nothing(shop: SiteInProcess, media: MediumServer) -> None:
    url, ca = await media.offer(PLACE, reading(shop, await seed(shop))), shop.context.state.ca
    assert (await ask(url, ca, OTHER))[0] == 404
    assert (await ask(url, ca, OTHER, method="HEAD"))[0] == 404
    assert (await ask(url.replace("unguessable", "guessed"), ca))[0] == 404
    assert (await ask(url, ca))[0] == 200


async def test_withdrawn_is_gone(shop: SiteInProcess, media: MediumServer) -> None:
    medium = await seed(shop)
    url = await media.offer(PLACE, reading(shop, medium))
    other = await media.offer(Place(CONTROLLER, READER, "/other/g1-1.iso"), reading(shop, medium))
    assert url.split("/")[2] == other.split("/")[2], "each listened on a port of its own"
    media.withdraw(url)
    media.withdraw("")
    ca = shop.context.state.ca
    assert (await ask(url, ca))[0] == 404
    assert (await ask(other, ca))[0] == 200


async def test_a_reader_in_the_middle_is_cut_off_by_withdrawal(
    shop: SiteInProcess, media: MediumServer, ram: Path
) -> None:
    medium = large(ram, 64 * PIECE)
    one = reading(shop, medium)
    url = await media.offer(PLACE, one)
    tls = ssl.create_default_context(cafile=str(shop.context.state.ca))
    connector = aiohttp.TCPConnector(local_addr=(READER, 0), ssl=tls)
    async with aiohttp.ClientSession(connector=connector) as session, session.get(url) as response:
        await response.content.readexactly(PIECE)
        media.withdraw(url)
        with pytest.raises(aiohttp.ClientError):
            await response.read()
    assert not one.seed_read


async def test_it_comes_back_under_the_same_url(shop: SiteInProcess, media: MediumServer) -> None:
    medium, ca = await seed(shop), shop.context.state.ca
    url = await media.offer(PLACE, reading(shop, medium))
    port = int(url.split("/")[2].rpartition(":")[2])
    first = (await ask(url, ca, headers={"Range": "bytes=0-49999"}))[1]
    await media.close()
    shop.restart()
    again = await shop.context.media.offer(
        Place(CONTROLLER, READER, PATH, port), reading(shop, await seed(shop))
    )
    assert again == url
    status, rest, _ = await ask(url, ca, headers={"Range": "bytes=50000-", "If-Range": medium.tag})
    assert (status, first + rest) == (206, medium.read(0, medium.size))


async def test_a_port_that_somebody_else_has_is_said(
    shop: SiteInProcess, media: MediumServer
) -> None:
    taken = await asyncio.start_server(lambda *_: None, CONTROLLER, 0)
    port = taken.sockets[0].getsockname()[1]
    with pytest.raises(NotReadyError, match="cannot serve media on"):
        await media.offer(Place(CONTROLLER, READER, PATH, port), reading(shop, await seed(shop)))
    taken.close()


@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
async def test_readers_of_either_kind_of_key_trust_it_by_the_site_ca(
    shop: SiteInProcess, media: MediumServer, kind: str
) -> None:
    url = await media.offer(PLACE, reading(shop, await seed(shop)))
    tls = ssl.create_default_context(cafile=str(shop.context.state.ca))
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    tls.set_ciphers(f"ECDHE-{kind}-AES128-GCM-SHA256")
    port = int(url.split("/")[2].rpartition(":")[2])
    _, writer = await asyncio.open_connection(CONTROLLER, port, ssl=tls)
    assert kind in writer.get_extra_info("cipher")[0]
    writer.close()
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.open_connection(CONTROLLER, port, ssl=ssl.create_default_context())


async def test_a_failing_journal_gives_nothing_away(
    shop: SiteInProcess, media: MediumServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    one = reading(shop, await seed(shop))
    url = await media.offer(PLACE, one)
    monkeypatch.setattr(Journal, "write", full)
    status, body, _ = await ask(url, shop.context.state.ca)
    assert status == 500 and b"OPENSSH" not in body
    assert not one.seed_read and not one.spans.joined


async def test_address_the_controller_does_not_have(
    shop: SiteInProcess, media: MediumServer
) -> None:
    with pytest.raises(NotReadyError, match=r"cannot serve media on 192\.0\.2\.1") as caught:
        await media.offer(Place("192.0.2.1", READER, PATH), reading(shop, await seed(shop)))
    assert "BMC network" in caught.value.next_step


async def test_its_keys_are_on_no_disk(shop: SiteInProcess, media: MediumServer) -> None:
    before = set(Path("/dev/shm").iterdir())
    await media.offer(PLACE, reading(shop, await seed(shop)))
    new = set(Path("/dev/shm").iterdir()) - before
    assert not [path for path in new if path.is_file() and b"PRIVATE KEY" in path.read_bytes()]
    for path in shop.root.rglob("*"):
        assert path.is_dir() or b"PRIVATE KEY" not in path.read_bytes()
    assert "unguessable" not in repr(PLACE)


def lines(shop: SiteInProcess, kind: tuple[str, Event]) -> list[dict[str, str | int]]:
    entries = shop.context.journal("n01").entries()
    return [entry.data for entry in entries if (entry.phase, entry.event) == kind]


async def test_the_journal_tells_how_much_was_read_and_when_all_was(
    shop: SiteInProcess, media: MediumServer, ram: Path
) -> None:
    medium, ca = large(ram, 40 * PIECE), shop.context.state.ca
    url = await media.offer(PLACE, reading(shop, medium))
    await ask(url, ca, headers={"Range": "bytes=0-99"})
    first = lines(shop, READ)
    assert [(one["read"], one["of"], one["spans"]) for one in first] == [(100, medium.size, "0-99")]
    for start in range(0, medium.size, 4096):
        await ask(url, ca, headers={"Range": f"bytes={start}-{start + 4095}"}) if start % (
            64 * 4096
        ) == 0 else None
    await ask(url, ca)
    told = lines(shop, READ)
    assert len(told) <= 12, "a line for every request"
    assert [one["whole"] for one in told][-2:] == [0, 1]
    assert told[-1]["spans"] == f"0-{medium.size - 1}"
    assert len(lines(shop, SEED_READ)) == 1


async def test_what_was_read_since_the_last_line_is_told_at_the_end(
    shop: SiteInProcess, media: MediumServer, ram: Path
) -> None:
    medium = large(ram, 40 * PIECE)
    url = await media.offer(PLACE, reading(shop, medium))
    for start in (0, 500, 5000):
        asked = {"Range": f"bytes={start}-{start + 99}"}
        await ask(url, shop.context.state.ca, headers=asked)
    assert lines(shop, READ)[-1]["spans"] == "0-99"
    media.withdraw(url)
    assert lines(shop, READ)[-1]["spans"] == "0-99,500-599,5000-5099"


async def test_a_seed_counts_as_read_when_all_of_it_was(
    shop: SiteInProcess, media: MediumServer
) -> None:
    medium, ca = await seed(shop), shop.context.state.ca
    url = await media.offer(PLACE, reading(shop, medium))
    (first, last) = medium.seed.joined[0][0], medium.seed.joined[-1][1]
    for asked in (f"0-{first + 9}", f"{first + 11}-{last - 1}", f"{last}-"):
        await ask(url, ca, headers={"Range": f"bytes={asked}"})
        assert lines(shop, SEED_READ) == [], f"one byte was never read, after {asked}"
    await ask(url, ca, headers={"Range": f"bytes={first + 10}-{first + 10}"})
    await ask(url, ca)
    assert lines(shop, SEED_READ) == [{"generation": 1, "attempt": 1}]
    text = (shop.root / SITE / "journal" / "n01.jsonl").read_text()
    assert "unguessable" not in text and json.loads(text.splitlines()[0])


async def test_a_seed_read_half_from_one_server_and_half_from_the_next_is_read(
    shop: SiteInProcess, media: MediumServer
) -> None:
    """What earlier servers sent counts as long as the seed lies at the same place."""
    ca, journal = shop.context.state.ca, shop.context.journal("n01")
    medium = await seed(shop)
    first, last = medium.seed.joined[0][0], medium.seed.joined[-1][1]
    url = await media.offer(PLACE, reading(shop, medium))
    journal.write(*OFFERED, generation=1, attempt=1, port=1, image="")
    for _ in range(2):
        await ask(url, ca, headers={"Range": f"bytes=0-{first + 9}"})
    [part] = lines(shop, SEED_PART)
    assert part["spans"] == f"{first}-{first + 9}", "told again although it is known"
    await media.close()
    shop.restart()
    medium = await seed(shop)
    moved = replace(medium, seed=Spans.of([(first + 1, last)]))
    port = int(url.split("/")[2].rpartition(":")[2])
    for one, read in ((moved, 0), (medium, 1)):
        again = reading(shop, one)
        again.resume()
        assert (len(again.spans) >= first + 10, again.seed_read) == (True, False)
        await shop.context.media.offer(Place(CONTROLLER, READER, PATH, port), again)
        await ask(url, ca, headers={"Range": f"bytes={first + 10}-{last - 1}"})
        assert (again.seed_read, len(lines(shop, SEED_READ))) == (bool(read), read)


async def test_what_was_read_of_an_earlier_offer_does_not_count(
    shop: SiteInProcess, media: MediumServer
) -> None:
    medium, journal = await seed(shop), shop.context.journal("n01")
    url = await media.offer(PLACE, reading(shop, medium))
    await ask(url, shop.context.state.ca, headers={"Range": f"bytes=0-{medium.seed.joined[0][0]}"})
    journal.write(*OFFERED, generation=1, attempt=2, port=1, image="")
    again = reading(shop, medium)
    again.resume()
    assert not again.spans.joined
    again.sends(medium.seed.joined[0][0] + 1, medium.size)
    assert not again.seed_read
