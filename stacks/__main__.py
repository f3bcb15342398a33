"""One site as a Pulumi programme: load, plan, check, say what it does, build."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

from bloomery.provider.watch import end_programme_with_engine
from bloomery.resources.provider import start_provider
from bloomery.statedir import ENV_SITE

if TYPE_CHECKING:
    from bloomery.resources.acceptance import Acceptance


async def main() -> None:
    """Stop with one line while the shell is not set up, or the plan does not hold."""
    end_programme_with_engine()
    name = pulumi.Config().require("site")
    if os.environ.get(ENV_SITE) != name:
        raise pulumi.RunError(f'this shell is not set up: run  eval "$(bloomery env {name})"')
    # Either takes tenths of a second of one core.
    build, _ = await asyncio.gather(asyncio.to_thread(_prepare, name), start_provider())
    acceptance = build()
    # The acceptance waits for all others. While the programme waits for none of them, the SDK
    # goes through the outputs of all resources after every answer.
    await asyncio.gather(acceptance.urn.future(), return_exceptions=True)


def _prepare(name: str) -> Callable[[], Acceptance]:
    from prepare import prepare  # imports the planner, which is most of the time

    return prepare(name)


# The SDK takes this folder off the path before it calls main.
sys.path.insert(0, str(Path(__file__).parent))
pulumi.run(main)
