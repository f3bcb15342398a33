"""A page opened in headless Chromium: what the console said, and the DOM it became."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

CONSOLE = re.compile(r":CONSOLE:\d+\] (.*)")
"""How Chromium logs a message of the page's console."""

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
)
"""No sandbox: tests run as root in containers. The rest keeps it off the network."""


@dataclass(frozen=True)
class Opened:
    """What came of opening a page."""

    console: tuple[str, ...]
    dom: str


def open_page(page: Path, profile: Path) -> Opened:
    """Open a file and return when it is loaded. Fails the test without a browser."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.fail("no chromium on PATH: run make setup first")
    done = subprocess.run(
        [browser, *FLAGS, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return Opened(tuple(CONSOLE.findall(done.stderr)), done.stdout)
