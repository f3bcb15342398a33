"""How much of the Python stack is stored with a resource."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

FRAMES = 6
"""From the SDK's own look at the stack up to the line that made the resource: its two
functions, the constructors of Resource, CustomResource and our class, and that line."""


@contextmanager
def brief_traces() -> Iterator[None]:
    """Store resources made inside with the line that made them, and no frame above it.

    The SDK stores the whole stack with every resource, down to the event loop: 1.4 kB of
    state a node, the same for all, rewritten at every step. It reads the stack through
    ``traceback``, which heeds Python's own ``sys.tracebacklimit``.
    """
    before = getattr(sys, "tracebacklimit", None)
    sys.tracebacklimit = FRAMES
    try:
        yield
    finally:
        if before is None:
            del sys.tracebacklimit
        else:
            sys.tracebacklimit = before
