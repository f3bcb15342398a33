"""Follows docs/extending.md: its blocks, written into a copy of the repository, and run there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from checkout import REPO, copy_to
from environment import HANGS_S

PAGE = REPO / "docs" / "extending.md"

HEADING = re.compile(r"^## (.+)$", re.MULTILINE)

BLOCK = re.compile(
    r"^`(?P<file>[^`\n]+)`:\n\n```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
"""A file's name on a line of its own, and what the page says of it."""

ROW = re.compile(r"^\| `(.+?)` \| `(.+?)` \| `(.+?)` \|$", re.MULTILINE)
"""A step that is left out, the test that fails, and what it says."""

BY = ("-c", "user.name=reader", "-c", "user.email=reader@example.org", "-c", "commit.gpgsign=false")


@dataclass(frozen=True)
class Block:
    """A file that the page gives, or a change of one that is there."""

    section: str
    file: str
    kind: str
    body: str

    @property
    def changes(self) -> bool:
        return self.kind == "diff"


def blocks(page: str) -> list[Block]:
    """Every block with a file's name above it, in order."""
    return [
        Block(HEADING.findall(page, 0, found.start())[-1], *found.group("file", "kind", "body"))
        for found in BLOCK.finditer(page)
    ]


def changed(text: str, diff: str) -> str:
    """``text`` with a change made, at the one place that the change is about."""
    lines = [line or " " for line in diff.splitlines()]
    old, new = (
        "".join(f"{line[1:]}\n" for line in lines if line[0] in f" {sign}") for sign in "-+"
    )
    assert text.count(old) == 1, f"found {text.count(old)} times, not once:\n{old}"
    return text.replace(old, new)


@dataclass(frozen=True)
class Copy:
    """A copy of the repository in which the page was followed."""

    root: Path
    work: Path
    """Folder beside it for what its tests write."""

    @classmethod
    def make(cls, work: Path) -> Copy:
        copy = cls(copy_to(work / "copy"), work)
        # What is known of all that did not change: its types, and what was compiled from it.
        known = [REPO / ".mypy_cache", *(REPO / "components").rglob("__pycache__")]
        for folder in known:
            if folder.is_dir():
                shutil.copytree(folder, copy.root / folder.relative_to(REPO), dirs_exist_ok=True)
        copy.good("git", "init", "-q")
        copy.good("git", "add", "-A")
        copy.good("git", *BY, "commit", "-qm", "As it was")
        return copy

    def write(self, block: Block) -> None:
        path = self.root / block.file
        if block.changes:
            path.write_text(changed(path.read_text(), block.body))
            return
        assert not path.exists(), f"{block.file} is there already"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.body)

    def run(self, *command: str, path: str = "components") -> subprocess.CompletedProcess[str]:
        """Run in the copy, where ``bloomery`` is the copy's; output and errors together."""
        keep = ("PYTEST_", "PULUMI_", "BLOOMERY_", "COV_")
        env = {key: value for key, value in os.environ.items() if not key.startswith(keep)}
        bin_ = Path(sys.executable).parent
        return subprocess.run(
            command,
            cwd=self.root,
            env={
                **env,
                "PATH": f"{bin_}:{env.get('PATH', '/usr/bin:/bin')}",
                "PYTHONPATH": ":".join(str(self.root / part) for part in path.split(":")),
                "BLOOMERY_STATE": str(self.work / "state"),
                "COLUMNS": "200",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=HANGS_S,
        )

    def good(self, *command: str, path: str = "components") -> str:
        """Output of a command that must end well."""
        ended = self.run(*command, path=path)
        assert ended.returncode == 0, f"{' '.join(command)}\n{ended.stdout}"
        return ended.stdout

    def python(self, *arguments: str, path: str = "components") -> str:
        return self.good(sys.executable, *arguments, path=path)

    def pytest(self, *files: str) -> subprocess.CompletedProcess[str]:
        """Tests of the copy."""
        base = f"--basetemp={self.work / 'pytest'}"
        return self.run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", base, *files)

    def bloomery(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The command line of the copy."""
        line = "from bloomery.cli.main import main; main()"
        return self.run(sys.executable, "-c", line, *words)

    def old_files(self) -> set[str]:
        """Files of the repository that are no longer as they were."""
        return set(self.good("git", "diff", "--name-only", "HEAD").split())

    @contextmanager
    def without(self, file: str) -> Iterator[None]:
        """Leave out the step that gave ``file``: an old one is as it was, a new one not there."""
        path, kept = self.root / file, self.work / "kept"
        shutil.move(path, kept)
        if self.run("git", "cat-file", "-e", f"HEAD:{file}").returncode == 0:
            self.good("git", "checkout", "-q", "HEAD", "--", file)
        try:
            yield
        finally:
            shutil.move(kept, path)
