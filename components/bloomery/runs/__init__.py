"""What can be run on a site's machines: one file a run, found by name.

Each file holds ``RUN``, a frozen ``RunKind``: which playbook converges which machines, what it
needs before it, and which values it is handed. ``registry`` finds the files and orders them. A
site chooses runs by name; the planner makes run plans of the chosen ones.

What must not live here: choices of a site, plans, devices, and anything that executes. The types
of what ``variables`` reads are imported for the type checker only: this room stands below them.
"""
