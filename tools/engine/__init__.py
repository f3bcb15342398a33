"""The Pulumi engine: CLI and Python language host, from wherever they can be had.

Lives here: finding a fitting ``pulumi`` on PATH, running the official installer,
building the official sources from Go modules into a per-user cache, and linking the
result into an environment's ``bin``. Must not live here: anything of the engine
itself (every part is the official one), and anything that needs a package beyond the
standard library (this runs during set-up).

``cli/`` and ``host/`` are wrapper modules: go.mod and a complete go.sum each, which
guard every source file by its hash.
"""
