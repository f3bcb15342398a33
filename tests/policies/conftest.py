"""The policy pack as Python sees it, without an engine."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

PACK = Path(__file__).resolve().parents[2] / "policies" / "sovereign"


@pytest.fixture(scope="session")
def pack_path() -> Path:
    """Folder of the pack."""
    return PACK


@pytest.fixture(scope="session")
def pack() -> Iterator[ModuleType]:
    """The pack's module, imported from its folder as the engine does."""
    sys.path.insert(0, str(PACK))
    try:
        yield importlib.import_module("pack")
    finally:
        sys.path.remove(str(PACK))
