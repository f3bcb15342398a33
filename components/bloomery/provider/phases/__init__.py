"""A node's way from powered off to reachable, one phase a function.

identify -> credentials -> firmware -> bios -> media -> install -> boot -> reachable.

Each phase reads, compares, acts and verifies, so that any of them may be entered
again after a kill. ``bringup`` runs them in order under their time limits and turns
what stops one into a reason and a next step. Must not live here: Pulumi, and any
knowledge of a vendor.
"""
