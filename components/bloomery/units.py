"""Quantities as plain floats with the unit in the type's name.

Type aliases only: a number crosses Pulumi, JSON and YAML unchanged, and the reader
sees its unit. Parsing of text such as ``135 kW`` belongs to ``site``.
"""

from __future__ import annotations

from typing import NewType

Kilowatts = NewType("Kilowatts", float)
"""Electrical or thermal power, kW."""

Seconds = NewType("Seconds", float)
"""Duration, s."""

RackUnits = NewType("RackUnits", int)
"""Height in a rack, U (44.45 mm, EIA-310)."""
