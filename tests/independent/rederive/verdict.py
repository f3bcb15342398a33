"""Everything that does not agree between a plan and the files it was made of."""

from __future__ import annotations

import json
from pathlib import Path

from rederive.coolant import compare_coolant
from rederive.elevation import compare_parts
from rederive.fabric import compare_fabric
from rederive.feeds import compare_feeds
from rederive.ledger import Ledger
from rederive.metal import compare_machines, compare_racks
from rederive.reading import read_site


def differences(site: Path, plan_json: bytes) -> list[str]:
    """What differs between ``plan_json`` and what the files in ``site`` come to."""
    files, plan, ledger = read_site(site), json.loads(plan_json), Ledger()
    compare_machines(files, plan, ledger)
    compare_racks(files, plan, ledger)
    compare_parts(files, plan, ledger)
    compare_feeds(files, plan, ledger)
    compare_coolant(files, plan, ledger)
    compare_fabric(files, plan, ledger)
    return ledger.lines
