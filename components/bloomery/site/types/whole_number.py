"""Whole numbers of a site: counts, ports and rack units, each with its bounds."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from bloomery.site.reading.document import shorten
from bloomery.site.reading.fault_texts import refuse

MAX_UNITS = 60
"""Tallest rack on the market, U; also keeps a unit inside the stride of 256 addresses."""

MOST = 10_000_000
"""More of one thing than any site has; a slip of the hand beyond it would be planned for hours."""


LONGEST = 100
"""Digits that are read before the bounds of a type are looked at."""


def _whole(written: object) -> object:
    """The number behind digits alone. Python itself would read ``1_000`` and ``1.0`` too."""
    if not isinstance(written, str) or not written:
        return written
    if not re.fullmatch(r"-?[0-9]+", written):
        raise refuse(
            f"{shorten(written)} is not a whole number", "the number alone, without a unit"
        )
    if len(written) > LONGEST:
        raise refuse(f"{shorten(written)} is too large", "a number of fewer digits")
    return int(written)


WHOLE = BeforeValidator(_whole)
"""Reads a whole number as it stands in a file."""

Count = Annotated[int, WHOLE, Field(ge=1, le=MOST)]
CountOrZero = Annotated[int, WHOLE, Field(ge=0, le=MOST)]
Port = Annotated[int, WHOLE, Field(ge=1, le=65535)]
"""A TCP port."""
RackUnits = Annotated[int, WHOLE, Field(ge=1, le=MAX_UNITS)]
"""A height in rack units, or a unit counted from 1 at the bottom."""
