"""A bad release and the exact text that ``bloomery release check`` gives for it.

A case is ``releases/NAME.yaml`` and ``releases/NAME.txt``.
``BLOOMERY_REWRITE=1 pytest tests/wrong`` writes the texts, for a person to read.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bloomery.cli.release import app
from bloomery.errors import FaultsError

HERE = Path(__file__).parent / "releases"
REWRITE = os.environ.get("BLOOMERY_REWRITE") == "1"
CASES = sorted(file.stem for file in HERE.glob("*.yaml"))


@pytest.mark.parametrize("case", CASES)
def test_wrong_release(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    done = CliRunner().invoke(app, ["check", f"{case}.yaml"])
    if isinstance(done.exception, FaultsError):
        text = f"{done.exception}\n"
        assert done.exception.exit_code == 2
    else:
        text = "\n".join(line.rstrip() for line in done.output.splitlines()) + "\n"
        assert done.exit_code == 2
    expected = HERE / f"{case}.txt"
    if REWRITE:
        expected.write_text(text, encoding="utf-8")
    assert expected.read_text(encoding="utf-8") == text


def test_there_are_faults_and_rules() -> None:
    assert {"faults", "names", "rules"} <= set(CASES)
