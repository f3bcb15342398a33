"""Writes the generated pages anew: ``make docs``."""

from __future__ import annotations

import sys
from pathlib import Path

from pages import catalogue, commands, keys, layers, plan_document, roles, rules, runs

ROOT = Path(__file__).resolve().parents[2]


def generated() -> dict[Path, str]:
    """File to text of every generated page."""
    from bloomery.cli.main import command_line

    docs = ROOT / "docs"
    return {
        docs / "catalogue.md": catalogue.page(),
        docs / "commands.md": commands.page(command_line()),
        docs / "site-keys.md": keys.page(),
        docs / "workload-keys.md": keys.workload_page(),
        docs / "roles.md": roles.page(ROOT / "ansible" / "roles"),
        docs / "rules.md": rules.page(ROOT / "policies"),
        docs / "runs.md": runs.page(),
        docs / "plan-document.md": plan_document.page(),
        docs / "pictures/layers.svg": layers.picture(),
    }


def main() -> None:
    """Write what changed, and say so."""
    for path, text in generated().items():
        same = path.is_file() and path.read_text(encoding="utf-8") == text
        if not same:
            path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}: {'unchanged' if same else 'written'}\n")


if __name__ == "__main__":
    main()
