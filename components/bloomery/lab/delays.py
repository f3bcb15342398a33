"""How long one virtual machine takes for what a lab would do in no time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Delays:
    """Seconds of one machine. A guest and a machine with firmware take their own time beside
    ``post``: what they install and start is real."""

    post: float = 0.3
    """Self-test: long enough to be seen, short enough to be repeated."""
    install: float = 0.0
    """A ghost's installation, after its media were read."""
    start: float = 0.2
    """A ghost's start from disk: enough for a reader to see a machine that boots."""
