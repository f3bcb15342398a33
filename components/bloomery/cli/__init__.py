"""The command line: one file per noun, joined by ``main``.

Lives here: reading arguments, calling the rooms in order, printing. Must not live here:
decisions, device work, and anything another room would want to call.
"""
