"""The page of a plan: what will stand where, drawn before anything is bought.

One file a drawing, each from the plan to plain boxes and lines; the template only places
them. Alike things are drawn once and counted, so that 64 scalable units stay readable. Must
not live here: what was measured (``bloomery.report.page``), and anything loaded from elsewhere.
"""

from __future__ import annotations

from bloomery.report.sketch.page import page

__all__ = ["page"]
