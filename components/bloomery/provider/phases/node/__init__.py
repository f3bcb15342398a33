"""A node's way from powered off to reachable, one phase a function.

identify -> credentials -> firmware -> bios -> media -> install -> boot -> reachable.

``work`` is what they share, ``bringup`` puts them in order. Must not live here: Pulumi, and any
knowledge of a vendor.
"""
