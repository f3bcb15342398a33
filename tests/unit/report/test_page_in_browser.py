"""The page in a real browser: loads without a word on the console, shows what it must."""

from __future__ import annotations

from pathlib import Path

import pytest
import scenes
from browser import Opened, open_page

from bloomery.report.page import render


def opened(tmp_path: Path, html: str) -> Opened:
    page = tmp_path / "page.html"
    page.write_text(html)
    return open_page(page, tmp_path / "profile")


@pytest.mark.parametrize("name", scenes.SCENES)
def test_nothing_on_the_console(tmp_path: Path, name: str) -> None:
    view = scenes.SCENES[name](tmp_path / "state")
    said = opened(tmp_path, render(view))
    assert said.console == ()
    for node in view.nodes:
        assert f'id="{node.name}"' in said.dom
        assert f'href="#{node.name}"' in said.dom


BROKEN = {
    '<script>throw new Error("boom")</script>': "inline script",
    '<img src="http://127.0.0.1:9/logo.png">': "logo.png",
    '<link rel="stylesheet" href="http://127.0.0.1:9/font.css">': "font.css",
    '<svg><rect width="NaN" height="1"/></svg>': "Expected length",
}


def test_a_broken_page_is_found(tmp_path: Path) -> None:
    """The test above can fail: each of these puts a message on the console."""
    html = render(scenes.good(tmp_path / "state"))
    said = opened(tmp_path, html.replace("</main>", "".join(BROKEN) + "</main>")).console
    for words in BROKEN.values():
        assert any(words in line for line in said), (words, said)
