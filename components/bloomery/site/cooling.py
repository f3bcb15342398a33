"""Loops, CDUs, facility water."""

from __future__ import annotations

from bloomery.site.part import Part


class CoolingSheet(Part):
    """Coolant of the site."""
