"""Networks of the machines: sizes and choices."""

from __future__ import annotations

from bloomery.site.part import Part


class FabricSheet(Part):
    """Fabrics of the site."""
