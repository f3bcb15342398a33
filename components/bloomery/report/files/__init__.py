"""Files of a plan, for people and other tools: lists, labels, imports, drawings.

One file here writes one kind of file; each is a pure function of the finished plan, so the
same plan gives the same bytes. Must not live here: planning, judging, and writing to disk
(``bloomery.cli`` does, all or nothing).
"""

from __future__ import annotations

from bloomery.report.files.all import PLAN, SUMS, files

__all__ = ["PLAN", "SUMS", "files"]
