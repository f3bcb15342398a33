"""Serve the pack to the engine: ``pulumi preview --policy-pack policies/sovereign``."""

import io
import sys

from by_type import ask_by_type
from once import read_once
from pulumi_policy import PolicyPack
from sheet import PackError

try:
    from pack import NAME, policies

    rules = policies()
except PackError as error:
    sys.exit(f"the policy pack is invalid, so nothing can be evaluated:\n{error}")
read_once()
ask_by_type()
# PolicyPack tells the engine its port on stdout without flushing; unless Python runs
# unbuffered the line never arrives and the preview waits for ever.
sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), write_through=True)
PolicyPack(NAME, rules)
