"""Serve the pack to the engine: ``pulumi preview --policy-pack policies/sovereign``."""

import io
import sys

from pack import NAME, policies
from pulumi_policy import PolicyPack

# PolicyPack tells the engine its port on stdout without flushing; unless Python runs
# unbuffered the line never arrives and the preview waits for ever.
sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), write_through=True)
PolicyPack(NAME, policies())
