"""Networks of the machines as they are ordered, and whether their sizes can be built.

``sheet`` is what ``site.yaml`` says, ``names`` and ``sums`` are what contradicts what,
``tree`` is the arithmetic of a fat tree. Must not live here: switches, ports and cables by
name (``plan.fabric``).
"""
