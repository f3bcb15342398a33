"""A programme meets its provider before its first resource."""

from __future__ import annotations

import asyncio

import grpc
import pulumi
import pytest
from pulumi.runtime import mocks

from bloomery import __version__
from bloomery.provider import schema
from bloomery.resources.provider import VERSION, start_provider


class Provider(mocks.Mocks):
    """Answers with one version."""

    def __init__(self, *, starts: bool = True, **told: str) -> None:
        self.starts = starts
        self.told = told
        self.asked: list[str] = []

    def call(self, args: mocks.MockCallArgs) -> dict[str, str]:
        self.asked.append(args.token)
        if not self.starts:
            raise grpc.RpcError
        return self.told

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, object]]:
        raise AssertionError(f"{args.name} was registered")


def meet(provider: Provider) -> None:
    async def programme() -> None:
        mocks.set_mocks(provider)
        await start_provider()

    asyncio.run(programme())


def test_the_same_version_is_asked_for_and_taken() -> None:
    provider = Provider(version=__version__)
    meet(provider)
    assert provider.asked == [VERSION]
    assert VERSION == schema.VERSION


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"version": "0.0.7"}, "the provider is bloomery 0.0.7, the programme uses"),
        ({}, "the provider is bloomery of no known version, the programme uses"),
    ],
)
def test_another_version_ends_the_programme(told: dict[str, str], said: str) -> None:
    with pytest.raises(pulumi.RunError, match=said):
        meet(Provider(**told))


def test_a_provider_that_does_not_start_is_left_to_the_engine() -> None:
    """Which says why, of the first resource."""
    provider = Provider(starts=False)
    meet(provider)
    assert provider.asked == [VERSION]
