"""Storage tiers and the jobs they are for."""

from __future__ import annotations

from bloomery.site.part import Part


class StorageSheet(Part):
    """Storage of the site."""
