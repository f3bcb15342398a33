"""Coolant loops, CDUs and facility water, as they are ordered.

``sheet`` is what ``site.yaml`` says, ``names`` what it takes and points to. Must not live
here: flows and temperatures that follow from it (``plan.cooling``).
"""
