"""``bloomery:site:Site``: the facts of the site that policies read. It changes nothing."""

from __future__ import annotations

from bloomery.provider.handler import Change, Checked, Found
from bloomery.provider.values import Props

PASSING = frozenset({"impact"})
"""Inputs that tell of this change only: for policies to read, and no work by themselves.
After the change was sealed they say that nothing is left to do, and that is no change."""


class SiteHandler:
    """Echoes its inputs."""

    secrets: tuple[str, ...] = ()

    def check(self, news: Props) -> Checked:
        """A site has a name."""
        return Checked(news, {} if news.get("name") else {"name": "is missing"})

    def diff(self, olds: Props, news: Props) -> Change:
        """Facts that changed, other than what passes with the change itself."""
        lasting = (key for key in news if key not in PASSING)
        return Change(tuple(key for key in lasting if news[key] != olds.get(key)))

    def expect(self, olds: Props, news: Props) -> Props:
        """All is known."""
        return news

    async def create(self, urn: str, news: Props) -> tuple[str, Props]:
        """The site's name is its id."""
        return str(news["name"]), news

    async def update(self, urn: str, resource_id: str, olds: Props, news: Props) -> Props:
        """Take the new facts."""
        return news

    async def read(self, urn: str, resource_id: str, inputs: Props, props: Props) -> Found:
        """There is nothing outside to look at."""
        return Found(resource_id, inputs, props)

    async def delete(self, urn: str, resource_id: str, props: Props) -> None:
        """Nothing to release."""
