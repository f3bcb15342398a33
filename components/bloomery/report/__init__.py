"""What people look at: the page of a site, and the summary a bring-up ends with.

``gather`` reads plan, journals, measurements and evidence into one frozen ``View``;
``render`` turns a view into one self-contained page, ``summary`` into terminal lines.

What must not live here: judging (verdicts come from the evidence), talking to machines,
and anything a page would have to fetch from elsewhere.
"""

from bloomery.report.gather import gather
from bloomery.report.page import render
from bloomery.report.summary import summary
from bloomery.report.view import View

__all__ = ["View", "gather", "render", "summary"]
