"""A site in this process, and phases that do not wait as long as metal needs."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from grpc_provider import GrpcProvider, open_provider
from site_in_process import RAM, SiteInProcess

from bloomery.provider import bmc
from bloomery.provider.media import server
from bloomery.provider.phases.node import power
from bloomery.provider.phases.node.limits import LIMITS
from bloomery.trust.ca import rsa_key

AMPLE = 10_000.0
"""With the site's own patience 10 s: nothing that goes well ever takes that long."""


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often; give what goes well all the time it wants on a busy machine."""
    monkeypatch.setattr(power, "FASTEST", 0.004)
    monkeypatch.setattr(power, "POLL", 0.0)
    monkeypatch.setattr(bmc, "SHORTEST", 0.002)
    monkeypatch.setattr(bmc, "BACKOFF", (0.0,))
    for name in LIMITS:
        monkeypatch.setitem(LIMITS, name, AMPLE)


@pytest.fixture(scope="session")
def rsa() -> RSAPrivateKey:
    """One RSA key for all tests: it takes longer to make than most of them."""
    return rsa_key()


@pytest.fixture(autouse=True)
def one_rsa_key(monkeypatch: pytest.MonkeyPatch, rsa: RSAPrivateKey) -> None:
    """Every medium server shows it."""
    monkeypatch.setattr(server, "rsa_key", lambda: rsa)


@pytest.fixture
def ram() -> Iterator[Path]:
    """A folder in memory."""
    with tempfile.TemporaryDirectory(dir=RAM) as folder:
        yield Path(folder)


@pytest_asyncio.fixture
async def shop(ram: Path) -> AsyncIterator[SiteInProcess]:
    """One factory-new machine, switched off."""
    made = SiteInProcess.open(ram)
    yield made
    await made.close()


@pytest_asyncio.fixture
async def room(shop: SiteInProcess) -> AsyncIterator[GrpcProvider]:
    """The provider behind gRPC."""
    async with open_provider(shop) as opened:
        yield opened
