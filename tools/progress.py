"""What set-up shows while it works: one line a step, and a sign of life in between.

Lives here: printing, and running a command whose output is watched. On a terminal the
running line is rewritten in place; elsewhere (CI, a log file) it comes every ten
seconds, so that a build of minutes is never silent. Standard library only: this runs
before anything is installed.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import TextIO

LOG_PERIOD_S = 10.0
"""Between two signs of life in a log: often enough that nobody thinks it hangs."""

TERMINAL_PERIOD_S = 0.5
"""Between two rewrites of the line on a terminal: looks alive, costs nothing."""

TAIL_LINES = 25
"""Lines of a failed command that are shown: the error and its surroundings."""


class CommandError(Exception):
    """A command failed. Holds its last lines of output."""

    def __init__(self, what: str, code: int, tail: Sequence[str]) -> None:
        self.tail = tuple(tail)
        super().__init__(f"{what} failed with exit code {code}")


def clock(seconds: float) -> str:
    """``83.2`` becomes ``1:23``."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class Progress:
    """Prints the steps of one run."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._live = self._out.isatty()

    def line(self, text: str) -> None:
        """One finished line."""
        self._out.write(f"\r\x1b[K{text}\n" if self._live else f"{text}\n")
        self._out.flush()

    def _sign(self, text: str) -> None:
        if self._live:
            self._out.write(f"\r\x1b[K{text[:100]}")
            self._out.flush()
        else:
            self.line(text)

    def watch(self, what: str, state: Callable[[], str], done: Event) -> None:
        """Show ``what``, the time so far and ``state()`` until ``done`` is set."""
        began = time.monotonic()
        period = TERMINAL_PERIOD_S if self._live else LOG_PERIOD_S
        while not done.wait(period):
            self._sign(f"      {what}  {clock(time.monotonic() - began)}  {state()}".rstrip())

    def run(
        self,
        what: str,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        state: Callable[[int, str], str] = lambda count, last: last[:60],
    ) -> None:
        """Run ``command`` and show that it lives.

        ``state`` makes the sign of life from the number of lines seen and the last of
        them. Raises CommandError with the end of the output.
        """
        tail: deque[str] = deque(maxlen=TAIL_LINES)
        count = 0
        done = Event()
        shown = Thread(
            target=self.watch,
            args=(what, lambda: state(count, tail[-1] if tail else ""), done),
            daemon=True,
        )
        with subprocess.Popen(
            list(command),
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            shown.start()
            try:
                for text in process.stdout or ():
                    tail.append(text.rstrip())
                    count += 1
                code = process.wait()
            finally:
                done.set()
                shown.join()
        if code:
            raise CommandError(what, code, tail)
