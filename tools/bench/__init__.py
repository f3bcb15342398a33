"""Ratios measured side by side in one run: ours against the plain tool that does as much.

Lives here: one file per bench, the clock, and the table. Must not live here: a bare time
as a result (it says more about the machine than about us), and anything the product
imports.
"""
