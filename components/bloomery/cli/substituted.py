"""``--substitute OLD=NEW``: a site with another model in the place of a scarce one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from bloomery.site import Site
from bloomery.site.draft.substitute import is_alternate, read_substitutes, substitute


def substituted(screen: Console, site: Site, written: Sequence[str]) -> Site:
    """``site`` with every substitution of ``written``, each told. Raises FaultsError."""
    wanted = read_substitutes(written)
    changed = substitute(site, wanted)
    for old, new in wanted.items():
        pools = ", ".join(pool.name for pool in site.pools if pool.model == old)
        known = (
            "" if is_alternate(old, new.model) else " (not listed as an alternate in the catalogue)"
        )
        screen.print(f"{new.model} instead of {old}{known}: {pools}", soft_wrap=True)
    return changed
