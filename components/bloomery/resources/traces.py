"""How much of the Python stack is stored with a resource."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

FRAMES = 5
"""The SDK's own: two functions that look at the stack, and the constructors of Resource,
CustomResource and our class. What is left of the stack is none of the programme's."""


@contextmanager
def brief_traces() -> Iterator[None]:
    """Store resources made inside without the stack that made them.

    The SDK stores the whole stack with every resource, down to the event loop: 1.5 kB of
    state a node, the same for all of a pool, rewritten at every step. It reads the stack
    through ``traceback``, which heeds Python's own ``sys.tracebacklimit``.
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
