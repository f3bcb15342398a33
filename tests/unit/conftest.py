"""Plans made by hand, for rooms that read a finished plan and care not who planned it."""

from __future__ import annotations

import handmade
import pytest

from bloomery.plan import Plan


@pytest.fixture(scope="session")
def one_su() -> Plan:
    """One scalable unit: two tiers, every noun filled."""
    return handmade.plan(1)


@pytest.fixture(scope="session")
def many_su() -> Plan:
    """64 scalable units: three tiers, 2,048 machines, 49,152 cables of the compute network."""
    return handmade.plan(64)
