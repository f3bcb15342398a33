"""How long a phase may take on metal, in seconds, and how many installations run at once.

Measured by others, not guessed: BMC restart 112-200 s and more, boot-mode change 900 s,
most states 30 min. Where machines are virtual the site's patience scales all of them.
"""

from __future__ import annotations

LIMITS = {
    "identify": 600.0,
    "credentials": 600.0,
    "firmware": 900.0,
    "bios": 1800.0,
    "media": 1200.0,
    "install": 5400.0,
    "boot": 1800.0,
    "reachable": 1200.0,
}
"""Phase -> seconds."""

INSTALLS = 32
"""Installations at once: each streams an image over the BMC network."""

READS_ON = 120.0
"""Seconds an installation gets to read on after its medium was away: a kernel gives up on a block
after some retries of 30 s (its SCSI timeout), and what gave up asks for nothing any more."""
