"""What the servicer asks of a resource type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bloomery.errors import BloomeryError
from bloomery.provider.values import Props


class InitFailed(BloomeryError):
    """The resource exists and is kept in the state although it is not well."""

    def __init__(self, resource_id: str, inputs: Props, props: Props, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.resource_id = resource_id
        self.inputs = inputs
        self.props = props
        self.reasons = reasons


@dataclass(frozen=True)
class Checked:
    """Inputs with defaults filled in, or what is wrong with them."""

    inputs: Props
    failures: Mapping[str, str] = field(default_factory=dict)
    """Property -> reason."""


@dataclass(frozen=True)
class Change:
    """What an update would do."""

    properties: tuple[str, ...] = ()
    """Properties that differ; empty means nothing to do."""


@dataclass(frozen=True)
class Found:
    """What ``read`` saw."""

    resource_id: str
    """Empty when the resource is gone."""
    inputs: Props
    props: Props


class Handler(Protocol):
    """One resource type. ``check`` and ``diff`` are pure; the rest may look and act."""

    secrets: tuple[str, ...]
    """Top-level properties that are marked secret."""

    def check(self, news: Props) -> Checked:
        """Validate inputs."""

    def diff(self, olds: Props, news: Props) -> Change:
        """Compare the stored outputs with new inputs."""

    def expect(self, olds: Props, news: Props) -> Props:
        """Outputs a preview can promise; what it cannot is UNKNOWN."""

    async def create(self, urn: str, news: Props) -> tuple[str, Props]:
        """Make it so. Returns id and outputs, inputs echoed."""

    async def update(self, urn: str, resource_id: str, olds: Props, news: Props) -> Props:
        """Make it so again."""

    async def read(self, urn: str, resource_id: str, inputs: Props, props: Props) -> Found:
        """Look at the real thing."""

    async def delete(self, urn: str, resource_id: str, props: Props) -> None:
        """Release it."""
