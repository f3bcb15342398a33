"""Country, keys, egress, backup, budgets."""

from __future__ import annotations

from bloomery.site.part import Part


class Sovereignty(Part):
    """What law and the nation ask."""
