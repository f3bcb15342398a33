"""The steps of a page are read as people read them."""

from __future__ import annotations

import subprocess

import pytest

from pages.steps import script, steps, unseen

PAGE = """\
# Title

```sh
echo one
echo two
```

```text
one
...
```

Prose.

```sh lab
reboot
```

```json
{}
```
"""


def test_blocks_are_steps_in_order() -> None:
    first, second = steps(PAGE)
    assert (first.line, first.commands, first.lab) == (4, "echo one\necho two\n", False)
    assert first.prints == ("one", "...")
    assert (second.line, second.lab, second.prints) == (16, True, ())


@pytest.mark.parametrize(
    ("prints", "output", "missing"),
    [
        (("one",), "zero\none\ntwo\n", ""),
        (("two", "one"), "one\ntwo\n", "one"),
        (("a...z",), "a to z\n", ""),
        (("a...z",), "a to y\n", "a...z"),
        (("one",), "none at all\n", "one"),
        (("...",), "", "..."),
        (("1 (+)",), "1 (+)\n", ""),
    ],
)
def test_every_promised_line_must_come(prints: tuple[str, ...], output: str, missing: str) -> None:
    assert unseen(prints, output) == missing


def test_steps_share_a_shell_and_stop_at_the_first_failure() -> None:
    chosen = steps("```sh\nx=5\n```\n```sh\necho $x\nfalse\n```\n```sh\necho never\n```\n")
    ended = subprocess.run(["bash", "-c", script(chosen, "@@")], capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stdout.split() == ["@@", "0", "5"]
