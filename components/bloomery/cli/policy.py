"""``bloomery policy``: the rules of the preview, on what the stack's state says is there."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from bloomery.cli.evidence import PACK
from bloomery.cli.evidence_sources import place
from bloomery.cli.notes import console
from bloomery.cli.policy_packs import judge_state


def policy(
    site: Annotated[str, typer.Argument(help="Name of a site, or its directory.")],
    pack: Annotated[str, typer.Option(help="Name or folder of a policy pack.")] = PACK,
) -> None:
    """Check the state of the stack after the last update against a policy pack.

    Exit code 1 when a mandatory rule reports a finding, or the state has no resources to check.
    """
    count = judge_state(place(site, os.environ), pack)
    console().print(f"{pack}: {count} resources of the state checked, no findings")
