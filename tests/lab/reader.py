"""Somebody who types the tutorial in one shell, and waits before its last step.

The site it brings up is the one the tests of the main job go on with: bringing up four hosts and
training take minutes.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from checkout import REPO
from environment import HANGS_S

sys.path.insert(0, str(REPO / "tools"))

from pages.steps import Step, script, steps, unseen

PAGE = REPO / "docs" / "tutorial.md"
MARK = "@@ step"


@dataclass
class Reader:
    """A shell that types the page."""

    steps: tuple[Step, ...]
    shell: subprocess.Popen[bytes]
    log: Path
    """All that the shell prints."""
    gate: Path
    """A pipe: the last step begins when something is written to it."""

    @classmethod
    def begin(cls, folder: Path, checkout: Path, env: dict[str, str]) -> Reader:
        """Type all steps but the last in ``checkout``; does not wait."""
        chosen = steps(PAGE.read_text())
        gate, log = folder / "gate", folder / "typed.log"
        os.mkfifo(gate)
        last = replace(chosen[-1], commands=f"read -r _ < {gate}\n{chosen[-1].commands}")
        with log.open("wb") as out:
            shell = subprocess.Popen(
                ["bash", "-c", script((*chosen[:-1], last), MARK)],
                cwd=checkout,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(chosen, shell, log, gate)

    def outputs(self) -> list[str]:
        """What each step printed that is done, and at the end what came since."""
        text = self.log.read_text(errors="replace")
        return re.split(rf"^{MARK} \d+$", text, flags=re.MULTILINE)

    def typed(self, count: int) -> list[str]:
        """Wait until so many steps are done; their outputs. Fails where a step fails."""
        deadline = time.monotonic() + HANGS_S
        while (ended := self.shell.poll()) is None and len(self.outputs()) <= count:
            assert time.monotonic() < deadline, f"{self._where()} hangs"
            time.sleep(0.5)
        assert not ended, f"{self._where()} failed\n{self.outputs()[-1][-4000:]}"
        return self.outputs()[:count]

    def type_the_rest(self) -> list[str]:
        """Type the last step and leave the shell; outputs of all steps."""
        self.gate.write_text("\n")
        self.shell.wait(HANGS_S)
        return self.typed(len(self.steps))

    def leave(self) -> None:
        """End the shell, and whatever it still runs."""
        if self.shell.poll() is None:
            os.killpg(self.shell.pid, signal.SIGKILL)
            self.shell.wait()

    def _where(self) -> str:
        done = min(len(self.outputs()), len(self.steps)) - 1
        return f"{PAGE.relative_to(REPO)}:{self.steps[done].line}"


def kept(step: Step, output: str) -> bool:
    """Whether a step printed what the page shows."""
    missing = unseen(step.prints, output)
    assert not missing, f"{PAGE.name}:{step.line} did not print {missing!r}:\n{output}"
    return True
