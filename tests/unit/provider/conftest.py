"""A site in this process, and phases that do not wait as long as metal needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from workshop import Shop

from bloomery.provider import bmc
from bloomery.provider.phases import power
from bloomery.provider.phases.limits import LIMITS

AMPLE = 10_000.0
"""With the workshop's patience 10 s: nothing that goes well ever takes that long."""


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often; give what goes well all the time it wants on a busy machine."""
    monkeypatch.setattr(power, "FASTEST", 0.004)
    monkeypatch.setattr(power, "POLL", 0.0)
    monkeypatch.setattr(bmc, "SHORTEST", 0.002)
    monkeypatch.setattr(bmc, "BACKOFF", (0.0,))
    for name in LIMITS:
        monkeypatch.setitem(LIMITS, name, AMPLE)


@pytest_asyncio.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """One factory-new machine, switched off."""
    made = Shop.open(tmp_path)
    yield made
    await made.close()
