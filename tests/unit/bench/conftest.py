"""Puts ``tools`` on the path, as ``make bench`` does."""

from __future__ import annotations

import sys
from pathlib import Path

TOOLS = Path(__file__).parents[3] / "tools"
sys.path.insert(0, str(TOOLS))
