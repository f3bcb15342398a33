"""``--substitute OLD=NEW``: a site with another model in the place of a scarce one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bloomery.site import SITE_FILE, Site, load
from bloomery.site.draft.substitute import alternates_of, read_substitutes
from bloomery.site.load import Tried, load_substituted

HELP = "Take model NEW wherever the site orders OLD: machines, switches, CDUs, PDUs."

Substitutes = Annotated[list[str] | None, typer.Option(metavar="OLD=NEW", help=HELP)]
"""The option, as often as it is given."""


def substituted(
    screen: Console, path: Path, written: Sequence[str], *, draft: bool
) -> tuple[Site, Site]:
    """The site in ``path`` as it is, and with every substitution of ``written``, each told where.

    One and the same where there is none. Raises FaultsError.
    """
    if not written:
        site = load(path, draft=draft)
        return site, site
    tried = load_substituted(path, read_substitutes(written), draft=draft)
    _tell(screen, tried)
    return tried.before, tried.after


def _tell(screen: Console, tried: Tried) -> None:
    for old, new in dict.fromkeys((it.old, it.new) for it in tried.replaced):
        known = alternates_of(old)
        remark = (
            " (not listed as an alternate in the catalogue)" if known and new not in known else ""
        )
        screen.print(f"{new} instead of {old}{remark}:", soft_wrap=True, markup=False)
        for it in tried.replaced:
            if it.old == old:
                name = f" ({it.name})" if it.name else ""
                where = f"  {SITE_FILE}:{it.line} {it.path}{name}"
                screen.print(where, soft_wrap=True, markup=False)
