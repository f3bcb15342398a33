"""A medium read by programs that know nothing of bloomery: nbdkit's curl plugin, as OpenBMC has
it for virtual media, and QEMU's curl driver. Both ask for the size, then for ranges.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from site_in_process import CONTROLLER, SITE, SiteInProcess, node_plan

from bloomery.provider.media.medium import Medium
from bloomery.provider.media.reading import READ, Reading
from bloomery.provider.media.server import Place
from bloomery.provider.seed import seed_files

SECONDS = 60.0
"""Limit of one reader, which takes a tenth of a second alone."""

WITHOUT_PROXY = {**os.environ, "no_proxy": "*", "NO_PROXY": "*", "LC_ALL": "C"}

HERE = "127.0.0.1"
"""Where connections to an address of this machine come from when nobody binds them."""

Order = Callable[[str, Path, Path], list[str]]
"""Command that reads a URL, trusting a CA, to a file."""


def nbdkit(url: str, ca: Path, out: Path) -> list[str]:
    """A copy of all of it, by way of an NBD server that fetches what it is asked for."""
    server = f"nbdkit -U - curl url={url} cainfo={ca} protocols=https timeout=20"
    return [*server.split(), "--run", f"nbdcopy $uri {out}"]


def qemu(url: str, _ca: Path, out: Path) -> list[str]:
    """QEMU's driver takes no CA, so that it cannot verify: like BMCs of most vendors."""
    file = {"driver": "https", "url": url, "sslverify": False, "readahead": 65536}
    source = json.dumps({"driver": "raw", "file": file})
    return ["qemu-img", "convert", "-O", "raw", f"json:{source}", str(out)]


READERS = [nbdkit, qemu]


async def run(order: list[str]) -> tuple[int, str]:
    """Exit code and what it said on standard error."""
    assert shutil.which(order[0]), f"{order[0]} is missing: tools/setup installs it"
    child = await asyncio.create_subprocess_exec(
        *order, env=WITHOUT_PROXY, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(SECONDS):
        _, said = await child.communicate()
    return child.returncode or 0, said.decode(errors="replace")


async def offered(shop: SiteInProcess, reader: str) -> tuple[str, Medium]:
    template = await shop.context.templates.seed()
    medium = template.filled(seed_files(shop.context.secret, SITE, node_plan()))
    reading = Reading(medium, shop.context.journal("n01"), generation=1, attempt=1)
    place = Place(CONTROLLER, reader, "/unguessable/g1-1.iso")
    return await shop.context.media.offer(place, reading), medium


@pytest.mark.parametrize("order", READERS)
async def test_it_is_read_byte_by_byte_by_several_at_once(
    shop: SiteInProcess, tmp_path: Path, order: Order
) -> None:
    url, medium = await offered(shop, HERE)
    copies = [tmp_path / f"{number}.iso" for number in range(3)]
    done = await asyncio.gather(*(run(order(url, shop.context.state.ca, out)) for out in copies))
    assert [code for code, _ in done] == [0, 0, 0], done
    assert {out.read_bytes() for out in copies} == {medium.read(0, medium.size)}
    told = shop.context.journal("n01").last(*READ)
    assert told is not None and told.data["whole"] == 1
    assert ("media", "verified") in shop.journal()


async def test_asking_for_its_size_is_no_reading(shop: SiteInProcess) -> None:
    """What a BMC does when the medium is inserted."""
    url, medium = await offered(shop, HERE)
    ca = shop.context.state.ca
    order = ["nbdkit", "-U", "-", "curl", f"url={url}", f"cainfo={ca}", "--run"]
    code, said = await run([*order, 'test "$(nbdinfo --size $uri)" = ' + str(medium.size)])
    assert code == 0, said
    assert ("media", "verified") not in shop.journal()


@pytest.mark.parametrize("order", READERS)
@pytest.mark.parametrize("why", ["wrong path", "foreign address", "withdrawn"])
async def test_nobody_reads_what_is_not_for_him(
    shop: SiteInProcess, tmp_path: Path, order: Order, why: str
) -> None:
    url, _ = await offered(shop, "127.83.1.1" if why == "foreign address" else HERE)
    if why == "withdrawn":
        shop.context.media.withdraw(url)
    asked = url.replace("unguessable", "guessed") if why == "wrong path" else url
    out = tmp_path / "out.iso"
    code, said = await run(order(asked, shop.context.state.ca, out))
    assert code != 0 and "404" in said, said
    assert not out.exists() or b"OPENSSH" not in out.read_bytes()
    assert shop.journal() == []


async def test_a_reader_that_trusts_another_ca_reads_nothing(
    shop: SiteInProcess, tmp_path: Path
) -> None:
    url, _ = await offered(shop, HERE)
    other = SiteInProcess.open(tmp_path / "other")
    code, said = await run(nbdkit(url, other.context.state.ca, tmp_path / "out.iso"))
    assert code != 0 and "certificate" in said.lower(), said
    assert shop.journal() == []
