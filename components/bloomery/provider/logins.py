"""Which passwords a BMC may be tried with now: the memory that prevents a lock-out.

Every refused and every accepted login is in the journal, so that neither a killed
provider nor an impatient ``pulumi up`` adds up to what makes a BMC lock the account.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from bloomery.provider.journal import Entry, Journal, utc_now

FACTORY = 0
"""Key epoch that stands for the factory password."""

LOCKOUT_WINDOW = 600.0
"""Seconds in which failed logins add up on common BMCs. It is the BMC's own, so patience
does not scale it."""

MOST_REFUSED = 2
"""Refused logins risked within the window: common BMCs lock the account at three to five."""

_PHASE = "credentials"
_REFUSED = "refused"


@dataclass(frozen=True)
class Logins:
    """Logins on one BMC, as its journal has them."""

    journal: Journal

    def candidates(self, wanted: int) -> tuple[int, ...]:
        """Key epochs worth trying now, best first; empty within the lock-out window."""
        refused = self._refused()
        tried = {int(entry.data.get("epoch", -1)) for entry in refused}
        left = max(0, MOST_REFUSED - len(refused))
        return tuple(epoch for epoch in self._likely(wanted) if epoch not in tried)[:left]

    def wait(self) -> float:
        """Seconds until one more login may be tried."""
        refused = self._refused()
        return LOCKOUT_WINDOW - _age(refused[0]) if refused else 0.0

    def refused(self, epoch: int, account: str) -> None:
        """Remember a refused login."""
        self.journal.write(_PHASE, "stuck", reason=_REFUSED, epoch=epoch, account=account)

    def accepted(self, epoch: int) -> None:
        """Remember an accepted login, unless it is what was known already."""
        last = self.journal.last(_PHASE, "stuck", "verified")
        if last is None or last.event != "verified" or last.data.get("epoch") != epoch:
            self.journal.write(_PHASE, "verified", epoch=epoch)

    def _likely(self, wanted: int) -> tuple[int, int]:
        """A change under way may or may not have reached the BMC: new first, then old.

        Otherwise the last one that opened it, then what a reset to factory leaves. Of a
        machine nobody has met the factory password is likely: a thousand new machines
        are no thousand alarms about wrong logins.
        """
        verified = self.journal.number(_PHASE, "verified", "epoch")
        last = self.journal.last(_PHASE, "intent", "verified")
        if last is not None and last.event == "intent":
            return (wanted, verified)
        return (verified, FACTORY) if verified else (FACTORY, wanted)

    def _refused(self) -> list[Entry]:
        """Refused since the last accepted one, and young enough to count."""
        found: list[Entry] = []
        for entry in self.journal.entries():
            if entry.phase == _PHASE and entry.event == "verified":
                found = []
            elif entry.phase == _PHASE and entry.reason == _REFUSED:
                found.append(entry)
        return [entry for entry in found if _age(entry) < LOCKOUT_WINDOW]


def _age(entry: Entry) -> float:
    return (utc_now() - datetime.datetime.fromisoformat(entry.t)).total_seconds()
