"""Pictures of the documentation, looked at in a browser: every text stays in its box."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from checkout import REPO

PICTURES = sorted((REPO / "docs" / "pictures").glob("*.svg"))

MARGIN = 4
"""Pixels a text must keep from the edge of the box it stands in."""

LOOK = """
<script>
const found = [];
for (const text of document.querySelectorAll("svg text")) {
  const seen = text.getBoundingClientRect();
  const boxes = [...document.querySelectorAll("svg rect")].map(r => r.getBoundingClientRect());
  const around = boxes.filter(b => b.left <= seen.left && b.right > seen.left
    && b.top <= seen.top + seen.height / 2 && b.bottom > seen.top + seen.height / 2);
  around.sort((a, b) => a.width * a.height - b.width * b.height);
  const room = around[0];
  if (!room || seen.right > room.right - MARGIN || seen.bottom > room.bottom)
    found.push(text.textContent);
}
const all = [...document.querySelectorAll("svg text")].filter(t => t.textContent);
for (const [i, a] of all.entries()) for (const b of all.slice(i + 1)) {
  const p = a.getBoundingClientRect(), q = b.getBoundingClientRect();
  if (p.left < q.right && q.left < p.right && p.top + 3 < q.bottom && q.top + 3 < p.bottom)
    found.push(a.textContent + " / " + b.textContent);
}
const out = document.createElement("pre");
out.id = "found"; out.textContent = JSON.stringify(found);
document.body.append(out);
</script>
""".replace("MARGIN", str(MARGIN))


def browser() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    assert found, "no Chromium on PATH: tools/packages.txt names it"
    return found


def badly_placed(svg: str, folder: Path) -> list[str]:
    """Texts that leave their box or run into each other, as the browser lays them out."""
    page = folder / "page.html"
    page.write_text(f'<!doctype html><meta charset="utf-8"><body>{svg}{LOOK}</body>')
    profile = f"--user-data-dir={folder / 'profile'}"
    dumped = subprocess.run(
        [browser(), "--headless", "--no-sandbox", "--disable-gpu", profile, "--dump-dom",
         page.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout  # fmt: skip
    found = re.search(r'<pre id="found">(.*?)</pre>', dumped, re.DOTALL)
    assert found, dumped[-500:]
    return list(json.loads(found.group(1).replace("&lt;", "<").replace("&amp;", "&")))


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)
def test_texts_stay_in_their_boxes(picture: Path, tmp_path: Path) -> None:
    text = picture.read_text()
    assert "<title" in text and "<desc" in text, "a picture says in words what it shows"
    assert badly_placed(text, tmp_path) == []


def test_the_look_finds_bad_places(tmp_path: Path) -> None:
    svg = """<svg xmlns="http://www.w3.org/2000/svg" width="400" height="100">
      <rect width="400" height="100"/><rect x="10" y="10" width="60" height="40"/>
      <text x="12" y="30">far too long for this box</text>
      <text x="200" y="70">one</text><text x="205" y="72">two</text></svg>"""
    assert badly_placed(svg, tmp_path) == ["far too long for this box", "one / two"]
